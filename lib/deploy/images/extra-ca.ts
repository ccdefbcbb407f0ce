/** The extra build CA: what a build behind a TLS-inspecting network must trust, as a secret and never in a layer. */

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Environment } from './docker.ts';

/** The variables by which Node, OpenSSL and pip are told of further CAs. */
export const EXTRA_CA_VARIABLES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'PIP_CERT'] as const;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function fingerprint(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint256;
  } catch {
    return undefined;
  }
}

/**
 * Node's roots and the certificates of every file that the variables name, each once, as PEM; undefined when they name
 * none. Complete, because most tools take such a file in place of the system's roots. Only certificates are taken: a
 * private key in such a file stays out.
 */
export function extraBuildCA(env: Environment): string | undefined {
  const files = new Set(EXTRA_CA_VARIABLES.map((name) => env[name] ?? '').filter((path) => existsSync(path)));
  if (files.size === 0) return undefined;
  const named = [...files].flatMap((path) => readFileSync(path, 'utf8').match(CERTIFICATE) ?? []);
  const byFingerprint = new Map<string, string>();
  for (const pem of [...rootCertificates, ...named]) {
    const print = fingerprint(pem);
    if (print !== undefined) byFingerprint.set(print, pem.trim());
  }
  return `${[...byFingerprint.values()].join('\n')}\n`;
}

/** Writes {@link extraBuildCA} to `path` and gives the arguments of `docker build` that pass it, none without one. */
export function extraCaArguments(env: Environment, path: string): readonly string[] {
  const bundle = extraBuildCA(env);
  if (bundle === undefined) return [];
  writeFileSync(path, bundle, { mode: 0o600 });
  return ['--secret', `id=extra_ca,src=${path}`];
}
