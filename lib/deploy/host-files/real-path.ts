/** Where paths of this host really lead, links resolved. */

import { readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';

/** The real path, or undefined if there is nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** As many links as the kernel follows in one path. */
const MOST_LINKS = 40;

/**
 * Every place that decides where the absolute `path` leads: each link on the way, where it really lies, and at last
 * what it leads to. Who can write one of them can lead the path elsewhere.
 */
export function placesOf(path: string): readonly string[] {
  const links: string[] = [];
  const ahead = path.split('/');
  let here = '/';
  while (ahead.length > 0) {
    const segment = ahead.shift() ?? '';
    if (segment === '' || segment === '.') continue;
    const next = segment === '..' ? dirname(here) : join(here, segment);
    const target = segment === '..' ? undefined : linkTarget(next);
    if (target === undefined || links.length === MOST_LINKS) {
      here = next;
      continue;
    }
    links.push(next);
    if (isAbsolute(target)) here = '/';
    ahead.unshift(...target.split('/'));
  }
  return [...links, here];
}

/** Whether `inner` is `outer` or lies in it. */
export function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (!isAbsolute(path) && path !== '..' && !path.startsWith('../'));
}

export const overlap = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a);
