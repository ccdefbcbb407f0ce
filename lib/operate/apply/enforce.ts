/**
 * Has daemons take files that stay whatever they do. The agent can keep a daemon too busy to answer; that must not be a
 * way to keep the policy that the files take away.
 */

import { BottleError } from '../../errors.ts';
import { sidecarContainer } from '../../plan/index.ts';
import { acknowledged, type Demand } from './acknowledge.ts';
import type { LiveBottle } from './contract.ts';

export type How = 'reload' | 'restart';
export type Within = (how: How) => number;

/** A daemon that has not said that it runs its file, and why. */
export interface Unconfirmed extends Demand {
  readonly error: BottleError;
}

export interface Enforced {
  /** What it took, for an operator, one line each. */
  readonly warnings: readonly string[];
  readonly unconfirmed: readonly Unconfirmed[];
}

/** Why `demand` is not met, or undefined. A refusal is thrown: no restart makes a daemon take what it refuses. */
async function unmet(
  bottle: Pick<LiveBottle, 'docker' | 'containers'>,
  demand: Demand,
  how: How,
  within: Within,
): Promise<BottleError | undefined> {
  try {
    await acknowledged(bottle, [demand], how, within(how));
    return undefined;
  } catch (error) {
    if (error instanceof BottleError && error.code !== 'apply/refused') return error;
    throw error;
  }
}

/**
 * Makes every daemon of `demands`, one after the other, take its file: whoever does not say in time that it runs it is
 * restarted in place. Throws `apply/refused`.
 */
export async function enforced(
  bottle: Pick<LiveBottle, 'docker' | 'containers'>,
  demands: readonly (Demand & { readonly how: How })[],
  within: Within,
): Promise<Enforced> {
  const warnings: string[] = [];
  const unconfirmed: Unconfirmed[] = [];
  for (const { how, ...demand } of demands) {
    const first = await unmet(bottle, demand, how, within);
    if (first === undefined) continue;
    const isGone = first.code === 'operate/not-running';
    const second = isGone ? first : await unmet(bottle, demand, 'restart', within);
    if (second !== undefined) unconfirmed.push({ ...demand, error: second });
    else warnings.push(`${first.message}; it was restarted in place, which ended its connections, and runs it now`);
  }
  return { warnings, unconfirmed };
}

/** That the new policy stays, though `unconfirmed` (at least one) have not said that they run it. */
export function notTaken(
  { slug, deployed }: Pick<LiveBottle, 'slug' | 'deployed'>,
  unconfirmed: readonly Unconfirmed[],
): BottleError {
  const [first] = unconfirmed;
  if (first === undefined) throw new Error('every daemon runs its policy');
  const reasons = unconfirmed.map(({ error }) => error.message).join('; ');
  const names = unconfirmed.map(({ daemon }) => daemon).join(' and ');
  const containers = [...new Set(unconfirmed.map(({ daemon }) => sidecarContainer(slug, daemon, deployed.shape)))];
  const message = `${reasons}; the new policy is kept, but ${names} may run the old one until its next start`;
  return new BottleError(first.error.code, message, {
    details: unconfirmed.flatMap(({ error }) => error.details),
    fix: `docker restart ${containers.join(' ')}, or bottle deploy ${slug}: both make it run the new policy`,
    cause: first.error,
  });
}
