/** Paths inside containers, compared as the kernel will: spelling aside. */

import { posix } from 'node:path';

/** Symbolic links that every current distribution has. */
const LINKS: readonly (readonly [string, string])[] = [
  ['/var/run', '/run'],
  ['/var/lock', '/run/lock'],
  ['/bin', '/usr/bin'],
  ['/sbin', '/usr/sbin'],
  ['/lib', '/usr/lib'],
  ['/lib64', '/usr/lib64'],
];

/** Whether `path` is `ancestor` or below it. */
export const isWithin = (path: string, ancestor: string): boolean =>
  path === ancestor || path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`);

/** An absolute path without `//`, `.`, `..`, a trailing slash, and through the links above. */
export function canonicalPath(path: string): string {
  // POSIX leaves the meaning of exactly two leading slashes open; Linux reads them as one.
  const normal = posix.normalize(path.replace(/^\/+/, '/'));
  const bare = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  const link = LINKS.find(([from]) => isWithin(bare, from));
  return link === undefined ? bare : link[1] + bare.slice(link[0].length);
}

/** Whether one is the other, or contains it. */
export const overlap = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a);
