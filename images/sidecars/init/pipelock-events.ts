/** The digest of the policy that pipelock (or the built-in scanner) runs, from its events. */

import { digestOr } from './probe.ts';

const MARK = Buffer.from('"config_hash"');
const ANNOUNCING_EVENTS: readonly unknown[] = ['startup', 'config_reload'];

/**
 * The `config_hash` of `line` if it is the event of a policy that took effect, else undefined. What an agent sends is
 * inside JSON strings of other events, so it cannot forge one.
 */
export function announcedDigest(line: Buffer): string | undefined {
  // Nearly every line is a request's; only these are worth parsing.
  if (!line.includes(MARK)) return undefined;
  try {
    const event: unknown = JSON.parse(line.toString());
    if (typeof event !== 'object' || event === null) return undefined;
    if (!ANNOUNCING_EVENTS.includes(Reflect.get(event, 'event'))) return undefined;
    return digestOr(Reflect.get(event, 'config_hash')) || undefined;
  } catch {
    return undefined;
  }
}
