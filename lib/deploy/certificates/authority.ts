/** A bottle's own certificate authorities (domain description, "Trust: two CAs"). */

// @peculiar/x509 refuses to load without a Reflect polyfill.
import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface Authority {
  /** PEM, one certificate. */
  readonly certificate: string;
  /** PEM label `EC PRIVATE KEY` (SEC1): pipelock takes no other. */
  readonly key: string;
}

export type AuthorityName = 'egress' | 'pipelock';

const DAY_MS = 86_400_000;
/** Long, because a bottle that just runs is not renewed; the key never leaves its state directory and two daemons. */
export const VALID_DAYS = 5 * 365;
/** A clock that is behind must not make a new certificate invalid. */
const BACKDATE_DAYS = 1;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Mints a CA: P-256, CA:true, keyCertSign, with a subject key id, which Python 3.13 insists on. */
export async function mintAuthority(name: AuthorityName, slug: string, now: Date = new Date()): Promise<Authority> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateDer = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  const publicDer = pair.publicKey.export({ type: 'spki', format: 'der' });
  const privateKey = await webcrypto.subtle.importKey('pkcs8', privateDer, ALGORITHM, true, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('spki', publicDer, ALGORITHM, true, ['verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: `0${randomBytes(15).toString('hex')}1`,
    // A renewed CA gets another name, so that no client mistakes one for the other.
    name: `O=claude-bottle, OU=${randomBytes(6).toString('hex')}, CN=claude-bottle ${name} ${slug}`,
    notBefore: new Date(now.getTime() - BACKDATE_DAYS * DAY_MS),
    notAfter: new Date(now.getTime() + VALID_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys: { privateKey, publicKey },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return {
    certificate: `${certificate.toString('pem').trim()}\n`,
    key: pair.privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  };
}
