/** The certificates of `trustedCAs`. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BottleError } from '../../errors.ts';
import { type HostPaths, hostPath } from '../host-files/host-path.ts';

const BLOCK = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

export interface TrustedCertificates {
  /** PEM blocks, concatenated: certificates only, whatever else the files hold. */
  readonly pem: string;
  readonly problems: readonly BottleError[];
}

function certificates(file: string): readonly string[] | BottleError {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return new BottleError('deploy/trusted-ca-missing', `the trusted CA ${file} does not exist or cannot be read`, {
      fix: 'correct trustedCAs in the definition',
    });
  }
  try {
    const parsed = [...text.matchAll(BLOCK)].map(([block]) => new X509Certificate(block).toString());
    if (parsed.length > 0) return parsed;
  } catch {
    // Told below, without the file's content.
  }
  return new BottleError('deploy/trusted-ca-not-pem', `the trusted CA ${file} holds no readable PEM certificate`, {
    fix: 'convert it: openssl x509 -inform der -in <file> -out <file>.pem',
  });
}

export function readTrustedCAs(files: readonly string[], paths: HostPaths): TrustedCertificates {
  const outcomes = files.map((path) => certificates(hostPath(path, paths)));
  return {
    pem: outcomes.flatMap((outcome) => (outcome instanceof BottleError ? [] : outcome)).join(''),
    problems: outcomes.filter((outcome) => outcome instanceof BottleError),
  };
}
