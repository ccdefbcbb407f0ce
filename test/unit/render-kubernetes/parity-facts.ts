/** One container in the words that both targets have for it. */

import { DAEMON_PORT, type Daemon } from '../../../lib/plan/index.ts';

/** What is so, by what it is about: `egress env TZ` → `UTC`. */
export type Facts = Readonly<Record<string, string>>;

/** The unit of all sizes here. */
export function bytes(text: string): string {
  const [, amount, unit = ''] = /^(\d+)(b|[kmg]b?|[KMG]i)?$/.exec(text) ?? [];
  if (amount === undefined) throw new Error(`not a size: ${text}`);
  const power = { k: 1, m: 2, g: 3 }[unit.charAt(0).toLowerCase()] ?? 0;
  return String(Number(amount) * 1024 ** power);
}

/** Where a daemon listens, as its configuration says. */
export function listenFact(daemon: Daemon, files: Facts): string {
  const text = Object.values(files).find((one) => one.includes(`:${DAEMON_PORT[daemon]}`)) ?? '';
  return new RegExp(`listen"?: "?([^\\s",]+:${DAEMON_PORT[daemon]})`).exec(text)?.[1] ?? 'nowhere';
}

export const prefixed = (prefix: string, facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).map(([key, value]) => [`${prefix} ${key}`, value]));
