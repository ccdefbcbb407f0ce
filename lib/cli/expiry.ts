/** When a grant is to end, as an operator says it. */

import { BottleError } from '../errors.ts';
import { quoted } from '../plan/index.ts';

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = /^(?:\d{1,6}(?:s|min|m|h|d))+$/;
/** With its time zone: without one it would mean another moment on another machine. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

function moment(text: string, now: number): number {
  if (INSTANT.test(text)) return Date.parse(text);
  if (!DURATION.test(text)) return Number.NaN;
  const parts = [...text.matchAll(/(\d+)(min|[smhd])/g)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), now);
}

/** `2h`, `1d12h` from now, or an ISO 8601 instant, as an instant in UTC. */
export function expiryOf(text: string, now: number = Date.now()): string {
  const at = moment(text.trim(), now);
  if (Number.isFinite(at) && at < Date.parse('9999-01-01T00:00:00Z')) return new Date(at).toISOString();
  throw new BottleError(
    'usage/expires',
    `--expires ${quoted(text)} is neither a duration nor an instant with its zone`,
    {
      fix: 'write for example 30m, 1d12h, or 2030-01-31T18:00:00Z',
      exitCode: 2,
    },
  );
}
