/** What a pattern found different, and the failure that a test runner shows for it. */

import { AssertionError } from 'node:assert';
import { jsonPointer, quoted, typeName } from '../lib/plan/index.ts';

export interface Mismatch {
  /** Where, as a JSON pointer (RFC 6901) below what was matched. */
  readonly pointer: string;
  /** Lower case: what is there, and what was expected. */
  readonly message: string;
}

/** `value` in a few words; credentials that are recognized in it are left out. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return typeName(value);
  return quoted(JSON.stringify(value)).slice(1, -1);
}

/** One step further down in a JSON pointer. */
export const below = (pointer: string, key: string | number): string => `${pointer}${jsonPointer([String(key)])}`;

/** How many differences a failure lists; the rest are counted. */
const LISTED = 10;

export function mismatchLines(mismatches: readonly Mismatch[]): readonly string[] {
  const lines = mismatches.slice(0, LISTED).map(({ pointer, message }) => `  ${pointer || '/'}: ${message}`);
  const more = mismatches.length - LISTED;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

/** A failed expectation, as every test runner knows it (`node:assert`). */
export function failed(lines: readonly string[], operator: string): AssertionError {
  return new AssertionError({ message: lines.join('\n'), operator, stackStartFn: failed });
}
