/** Where a state directory keeps a bottle's policy. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError } from '../../errors.ts';
import { BOTTLE_FILE } from '../../plan/index.ts';
import { GRANTS_FILE, type PolicyTexts } from '../grants/index.ts';
import type { PolicyDigests } from './contract.ts';

/** The files that daemons run, by daemon, relative to the state directory. */
export const LIVE_FILE = { egress: BOTTLE_FILE.routes, pipelock: BOTTLE_FILE.pipelock } as const;

/** What synth rendered of them, beside which live grants are kept. Never mounted. */
export const DECLARED_DIR = 'declared';

/** Everything that a live change replaces. */
export const REPLACED = [LIVE_FILE.pipelock, LIVE_FILE.egress, GRANTS_FILE] as const;
export type Replaced = (typeof REPLACED)[number];

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

function texts(directory: string): PolicyTexts | undefined {
  const [routes, pipelock] = [join(directory, LIVE_FILE.egress), join(directory, LIVE_FILE.pipelock)];
  if (!existsSync(pipelock)) return undefined;
  return {
    ...(existsSync(routes) ? { routes: readFileSync(routes, 'utf8') } : {}),
    pipelock: readFileSync(pipelock, 'utf8'),
  };
}

/** The policy that synth rendered for the bottle in `stateDir`. */
export function declaredPolicy(stateDir: string): PolicyTexts {
  const found = texts(join(stateDir, DECLARED_DIR));
  if (found !== undefined) return found;
  throw new BottleError('state/no-declared-policy', 'this bottle was deployed by a version without live changes', {
    fix: 'deploy it once more',
  });
}

/** The policy that lies where the daemons read it. */
export function livePolicy(stateDir: string): PolicyTexts {
  const found = texts(stateDir);
  if (found !== undefined) return found;
  throw new BottleError('state/bad-policy', 'pipelock.yaml is missing in the state directory', {
    fix: 'run bottle deploy',
  });
}

export const digestsOf = ({ routes, pipelock }: PolicyTexts): PolicyDigests => ({
  ...(routes === undefined ? {} : { egress: sha256(routes) }),
  pipelock: sha256(pipelock),
});
