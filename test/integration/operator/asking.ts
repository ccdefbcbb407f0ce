/** How the operator's tests ask the engine, and what they look for. */

import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { SLUGS, type Stage } from './stage.ts';

export const docker = async (...args: readonly string[]): Promise<string> =>
  (await execa('docker', args, { reject: false })).stdout.trim();

export const SHAPES = ['bundle', 'split'] as const;
export const AGENT = { bundle: `claude-bottle-${SLUGS.bundle}`, split: `claude-bottle-${SLUGS.split}` };
export const holder = (shape: 'bundle' | 'split', daemon: string): string =>
  `claude-bottle-${shape === 'bundle' ? 'sidecars' : daemon}-${SLUGS[shape]}`;

/** Asks again until `probe` gives something else than undefined, and says what was wanted if it never does. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(300)) {
    const found = await probe();
    if (found !== undefined) return found;
  }
  throw new Error(`it never came to this: ${what}`);
}

/** What a terminal would obey: anything but text and the ends of lines. */
export const CONTROL = /[^\n\t\x20-\x7e\u00a0-\u{10ffff}]/u;

export interface Listed {
  readonly slug: string;
  readonly state: string;
  readonly defined: boolean | null;
  readonly changed: readonly string[] | null;
  readonly shape: string;
  readonly since: string | null;
}

export async function listOf(stage: Stage, args: readonly string[]): Promise<readonly Listed[]> {
  const { exitCode, stdout, stderr } = await stage.bottle('list', '--json', ...args);
  assert.is(exitCode, 0, stderr);
  return JSON.parse(stdout).bottles;
}

/** The status of one bottle as JSON, which its exit code agrees with. */
export async function statusOfBottle(stage: Stage, slug: string) {
  const { exitCode, stdout } = await stage.bottle('status', slug, '--json');
  const { healthy, bottles } = JSON.parse(stdout);
  assert.is(exitCode, healthy ? 0 : 1);
  return bottles[0];
}
