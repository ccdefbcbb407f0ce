/** The variables that a bottle takes from the deploying environment. */

import type { DeployRequirements } from '../../assembly/manifest.ts';
import { BottleError } from '../../errors.ts';
import type { Environment } from '../options.ts';

/**
 * What egress takes as a credential (images/sidecars/egress/table.py). Anything else cannot be part of a header: egress
 * would drop it and refuse every request of its routes, or send another text than the one that logs are redacted by.
 */
const USABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** The shortest that egress sends: one that is shorter could not be taken out of answers that repeat it. */
const SHORTEST = 8;

function problem(
  name: string,
  neededBy: readonly string[],
  env: Environment,
  isToken: boolean,
): BottleError | undefined {
  const value = env[name];
  const needs = `needed by ${neededBy.join(', ')}`;
  if (value === undefined || value.trim() === '') {
    const state = value === undefined ? 'not set' : 'empty';
    return new BottleError('deploy/host-variable-unset', `the host variable ${name} is ${state}; ${needs}`, {
      fix: `export ${name} before you deploy`,
    });
  }
  if (isToken && !USABLE.test(value)) {
    const what = /[\r\n]/.test(value)
      ? 'a line break'
      : 'white space around it, a control character or one outside ASCII';
    const message = `the host variable ${name} holds ${what}; allowed: one line of printable ASCII; ${needs}`;
    return new BottleError('deploy/host-variable-unusable', message, {
      fix: `export ${name} as it was issued, e.g. ${name}="$(cat file)"`,
    });
  }
  if (isToken && value.length < SHORTEST) {
    const message = `the host variable ${name} holds fewer than ${SHORTEST} characters; ${needs}`;
    return new BottleError('deploy/host-variable-unusable', message, {
      fix: 'use a longer credential: egress sends none that it could not take out of answers again',
    });
  }
  return undefined;
}

export function hostVariableProblems(
  { hostVariables, tokens }: Pick<DeployRequirements, 'hostVariables' | 'tokens'>,
  env: Environment,
): readonly BottleError[] {
  const credentials = new Set(tokens.map(({ from }) => from));
  return hostVariables.flatMap(({ name, neededBy }) => problem(name, neededBy, env, credentials.has(name)) ?? []);
}

/** What the compose process gets: host variables under their own names, and each token slot with its value. */
export function hostVariableValues(
  names: readonly string[],
  tokens: DeployRequirements['tokens'],
  env: Environment,
): Readonly<Record<string, string>> {
  const own = names.map((name) => [name, env[name] ?? ''] as const);
  const slots = tokens.map(({ slot, from }) => [slot, env[from] ?? ''] as const);
  return Object.fromEntries([...own, ...slots]);
}
