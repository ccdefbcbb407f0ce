/** Throw-away certificates. */

import 'reflect-metadata';
import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface Issued {
  readonly pem: string;
  readonly key: KeyObject;
  /** PEM label `EC PRIVATE KEY`. */
  readonly sec1: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function issue(extensions: 'ca' | readonly string[], issuer?: Issued): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const signer = issuer ?? { keys };
  const parent = issuer === undefined ? undefined : new X509Certificate(issuer.pem);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: '4a01',
      subject: extensions === 'ca' ? 'CN=Throw-away CA' : 'CN=origin',
      issuer: parent?.subjectName ?? 'CN=Throw-away CA',
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      publicKey: keys.publicKey,
      signingKey: signer.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(extensions === 'ca', undefined, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        ...(extensions === 'ca'
          ? [new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)]
          : [new SubjectAlternativeNameExtension(extensions.map((value) => ({ type: 'dns' as const, value })))]),
        ...(parent === undefined ? [] : [await AuthorityKeyIdentifierExtension.create(parent, false, webcrypto)]),
      ],
    },
    webcrypto,
  );
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { pem: certificate.toString('pem'), key, sec1: key.export({ type: 'sec1', format: 'pem' }).toString(), keys };
}

export const issueCa = (): Promise<Issued> => issue('ca');
export const issueLeaf = (ca: Issued, hosts: readonly string[]): Promise<Issued> => issue(hosts, ca);
