/** Keeps a bottle's CAs across deploys. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readStateFiles, SECRET, type StateFile, type StateFiles, textFile } from '../state/contents.ts';
import { type Authority, type AuthorityName, mintAuthority } from './authority.ts';

const RENEW_WITHIN_MS = 60 * 86_400_000;

const certificatePath = (name: AuthorityName): string => `ca/${name}.pem`;
const keyPath = (name: AuthorityName): string => `ca/${name}-key.pem`;

/** Every path that a CA can take below the state directory. */
const AUTHORITY_PATHS: readonly string[] = (['egress', 'pipelock'] as const).flatMap((name) => [
  certificatePath(name),
  keyPath(name),
]);

/** Whether a kept CA can still be used: key and certificate belong together, and it does not expire soon. */
function isUsable({ certificate, key }: Authority, now: Date): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    const expires = new Date(parsed.validTo).getTime();
    return (
      key.startsWith('-----BEGIN EC PRIVATE KEY-----') &&
      parsed.ca &&
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      expires - now.getTime() > RENEW_WITHIN_MS
    );
  } catch {
    return false;
  }
}

function kept(name: AuthorityName, files: StateFiles): Authority | undefined {
  const certificate = files.get(certificatePath(name))?.content.toString();
  const key = files.get(keyPath(name))?.content.toString();
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

/** The CAs of a bottle: those of its state directory, or new ones where they are missing, broken or about to expire. */
export async function bottleAuthorities(
  stateDir: string,
  slug: string,
  names: readonly AuthorityName[],
  now: Date = new Date(),
): Promise<ReadonlyMap<AuthorityName, Authority>> {
  const files = readStateFiles(stateDir, AUTHORITY_PATHS);
  const authorities = new Map<AuthorityName, Authority>();
  for (const name of names) {
    const old = kept(name, files);
    authorities.set(name, old !== undefined && isUsable(old, now) ? old : await mintAuthority(name, slug, now));
  }
  return authorities;
}

/** The files in which a state directory keeps them. */
export function authorityFiles(authorities: ReadonlyMap<AuthorityName, Authority>): [string, StateFile][] {
  return [...authorities].flatMap(([name, { certificate, key }]): [string, StateFile][] => [
    [certificatePath(name), textFile(certificate, SECRET)],
    [keyPath(name), textFile(key, SECRET)],
  ]);
}
