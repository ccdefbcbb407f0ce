/** The CA that interception signs with: its files checked as pipelock checks them. */

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

/** A CA file cannot be used; the message names the file and what is wrong, never its content. */
export class AuthorityError extends Error {
  override readonly name = 'AuthorityError';
}

export interface Authority {
  readonly certificatePem: string;
  readonly key: KeyObject;
}

/** Owner may read and write, group may read: what pipelock accepts of a key file. */
const FORBIDDEN_MODE = 0o137;

function readKeyFile(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const mode = fstatSync(descriptor).mode & 0o777;
    if ((mode & FORBIDDEN_MODE) !== 0) {
      throw new AuthorityError(`${file}: mode ${mode.toString(8).padStart(4, '0')}; allowed: 0640 or stricter`);
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (reason) {
    if (reason instanceof AuthorityError) throw reason;
    const code = reason instanceof Error && 'code' in reason ? String(reason.code) : 'unknown error';
    throw new AuthorityError(`${file}: cannot be used: ${code}`);
  }
}

/** The CA in the two files; throws {@link AuthorityError}. */
export function loadAuthority(certificateFile: string, keyFile: string): Authority {
  const certificate = readable(certificateFile, () => new X509Certificate(readFileSync(certificateFile)));
  if (!certificate.ca) throw new AuthorityError(`${certificateFile}: not the certificate of a CA`);
  const pem = readable(keyFile, () => readKeyFile(keyFile));
  if (!pem.trimStart().startsWith('-----BEGIN EC PRIVATE KEY-----')) {
    throw new AuthorityError(`${keyFile}: allowed: a SEC1 key, PEM label EC PRIVATE KEY, as the first block`);
  }
  const key = readable(keyFile, () => createPrivateKey({ key: pem, format: 'pem' }));
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new AuthorityError(`${keyFile}: allowed: a P-256 key`);
  }
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (!publicKey.equals(certificate.publicKey.export({ type: 'spki', format: 'der' }))) {
    throw new AuthorityError(`${keyFile}: not the key of ${certificateFile}`);
  }
  return { certificatePem: certificate.toString(), key };
}
