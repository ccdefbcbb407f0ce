/** What git-gate says: to the client, on lines that begin `git-gate: `, and to the log, as JSON lines. */

import { writeSync } from 'node:fs';

/** Control, format (bidirectional marks among them), surrogate and private-use characters, and line separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** `text` on one line, with everything that a terminal could act on written out, and cut at `limit` characters. */
export function printable(text: string, limit = 300): string {
  const shown = text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return shown.length > limit ? `${shown.slice(0, limit)}…` : shown;
}

/** A line for the client. */
export const clientLine = (text: string): string => `git-gate: ${printable(text, 1000)}\n`;

/** `event` as one line of JSON, every text in it printable. */
export function logLine(event: Readonly<Record<string, unknown>>): string {
  const timed = { time: new Date().toISOString(), ...event };
  return `${JSON.stringify(timed, (_, value: unknown) => (typeof value === 'string' ? printable(value, 1000) : value))}\n`;
}

/** Writes one event to the log that the entrypoint left open, if it did. Never a secret, nor text that may be one. */
export function logEvent(event: Readonly<Record<string, unknown>>): void {
  const descriptor = Number(process.env['GIT_GATE_LOG_FD']);
  if (!Number.isInteger(descriptor) || descriptor < 1) return;
  try {
    writeSync(descriptor, logLine(event));
  } catch {
    // A log that nobody reads must not decide over a push.
  }
}
