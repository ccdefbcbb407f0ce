/** `--since`: a moment, or how long ago it was. */

import { BottleError } from '../../errors.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

const AGO = /^(?:\d+[smhd])+$/;
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** `text` (`10m`, `1h30m`, `2026-01-31`, `2026-01-31T12:00:00Z`) as RFC 3339 in UTC, with as many digits as the engine. */
export function sinceMoment(text: string, now: Date = new Date()): string {
  const asked = text.trim();
  let moment = Number.NaN;
  if (AGO.test(asked)) {
    const parts = [...asked.matchAll(/(\d+)([smhd])/g)];
    const seconds = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit] ?? 0), 0);
    moment = now.getTime() - seconds * 1_000;
  } else {
    // Without a zone it is UTC, as all times that are shown.
    const [whole = '', zone] = MOMENT.exec(asked) ?? [];
    moment = Date.parse(zone === undefined && whole.includes('T') ? `${whole}Z` : whole);
  }
  // Four digits of the year, as everywhere else: older than any log, and not beyond what a date can be.
  if (Math.abs(moment) <= 253_402_300_799_999)
    return new Date(Math.max(0, moment)).toISOString().replace('Z', '000000Z');
  throw new BottleError('usage/since', `--since ${text}: neither a time nor how long ago`, {
    fix: 'write for example --since 10m, 2h, 1d, or --since 2026-01-31T12:00:00Z',
    exitCode: 2,
  });
}
