/** The environment of a compose service (compose specification, "environment"), as its entries mean it. */

import { type ComposeService, plainText } from '../lib/plan/index.ts';

/** A literal, or a variable of the deploying host by name. */
export type EnvironmentValue = string | { readonly fromHost: string };

const FROM_HOST = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[?-][^}]*)?\}$/;

function readValue(name: string, value: string | undefined): EnvironmentValue {
  if (value === undefined) return { fromHost: name };
  const from = FROM_HOST.exec(value)?.[1];
  return from === undefined ? plainText(value) : { fromHost: from };
}

/** The variables of `service` by name; a list, or (as an override may write it) an object. */
export function environmentOf({ environment }: ComposeService): Readonly<Record<string, EnvironmentValue>> {
  const entries = Array.isArray(environment)
    ? environment.map((entry): readonly [string, string | undefined] => {
        const text = String(entry);
        const at = text.indexOf('=');
        return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
      })
    : Object.entries(environment ?? {}).map(([name, value]): readonly [string, string | undefined] => [
        name,
        value === null ? undefined : String(value),
      ]);
  return Object.fromEntries(entries.map(([name, value]) => [name, readValue(name, value)]));
}
