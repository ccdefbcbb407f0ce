/** Keeps secret values out of text that a person or a log will see. */

import type { Environment } from './environment.ts';

/** Shorter values are no secrets, and replacing them would garble every line. */
const SHORTEST = 4;

export type Redact = (text: string) => string;

/** Replaces the values that the variables `names` have in `env`, longest first, by their names. */
export function redactor(env: Environment, names: Iterable<string>): Redact {
  const secrets = [...new Set(names)]
    .map((name) => ({ name, value: env[name] ?? '' }))
    .filter(({ value }) => value.length >= SHORTEST)
    .sort((a, b) => b.value.length - a.value.length);
  return (text) => secrets.reduce((rest, { name, value }) => rest.replaceAll(value, `[value of ${name}]`), text);
}
