/** Certificates for intercepted hosts, minted on demand and kept while they are fresh. */

import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Authority } from './authority.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3_600_000;
/** pipelock's own lifetime of a leaf. */
const LIFETIME = 24 * HOUR;
const RENEW_BEFORE = 6 * HOUR;
/** Clocks of two containers on one host agree; a resumed laptop's may not. */
const BACKDATED = HOUR;
const MAX_CACHED = 1000;

interface Entry {
  readonly context: Promise<SecureContext>;
  readonly renewAt: number;
}

export class LeafCertificates {
  readonly #authority: Authority;
  readonly #cache = new Map<string, Entry>();
  #signing:
    | Promise<{ issuer: X509Certificate; caKey: webcrypto.CryptoKey; leaf: webcrypto.CryptoKeyPair; pem: string }>
    | undefined;

  constructor(authority: Authority) {
    this.#authority = authority;
  }

  /** What a TLS server needs to be `host`. */
  contextFor(host: string, now: number = Date.now()): Promise<SecureContext> {
    const known = this.#cache.get(host);
    if (known !== undefined && known.renewAt > now) return known.context;
    if (this.#cache.size >= MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value ?? '');
    const context = this.#mint(host, now);
    this.#cache.set(host, { context, renewAt: now + LIFETIME - RENEW_BEFORE });
    context.catch(() => this.#cache.delete(host));
    return context;
  }

  /** One key serves all leaves of this process: it never leaves it, and a host's key protects nothing on its own. */
  async #prepare() {
    const pkcs8 = this.#authority.key.export({ type: 'pkcs8', format: 'der' });
    const caKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
    const leaf = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const leafDer = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey));
    const key = createPrivateKey({ key: leafDer, format: 'der', type: 'pkcs8' });
    const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { issuer: new X509Certificate(this.#authority.certificatePem), caKey, leaf, pem };
  }

  async #mint(host: string, now: number): Promise<SecureContext> {
    this.#signing ??= this.#prepare();
    const { issuer, caKey, leaf, pem } = await this.#signing;
    const serial = randomBytes(16);
    // Positive and of full length (RFC 5280 section 4.1.2.2).
    serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: serial.toString('hex'),
        // The name is in the alternative names; a common name has room for 64 characters, a host may be longer.
        subject: 'CN=intercepted host',
        issuer: issuer.subjectName,
        notBefore: new Date(now - BACKDATED),
        notAfter: new Date(now + LIFETIME),
        publicKey: leaf.publicKey,
        signingKey: caKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension([{ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }]),
          await SubjectKeyIdentifierExtension.create(leaf.publicKey, false, webcrypto),
          await AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
        ],
      },
      webcrypto,
    );
    return createSecureContext({ cert: certificate.toString('pem'), key: pem, minVersion: 'TLSv1.2' });
  }
}
