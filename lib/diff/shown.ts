/** How a change shows values of documents: on one line, and never a credential. */

import { credentialIn, isCredentialName, listed, printableLine, quoted } from '../plan/index.ts';

/** A run that no word and no path is: what keys and tokens of unknown issuers look like. */
const RANDOM = /(?=[A-Za-z0-9_+]*\d)(?=[A-Za-z0-9_+]*[A-Za-z])[A-Za-z0-9_+]{20,}/;

/** Whether the value of `name` may be a credential, by either. */
export const looksSecret = (name: string, value: string): boolean =>
  isCredentialName(name) || credentialIn(value) !== undefined || RANDOM.test(value);

const HIDDEN = 'a value that looks like a credential';

/** The literal value of the variable or key `name`. */
export const shownLiteral = (name: string, value: string): string =>
  looksSecret(name, value) ? HIDDEN : quoted(value);

/** Any value of a document, called `name`. */
export function shownValue(name: string, value: unknown): string {
  if (value === undefined) return 'unset';
  if (typeof value === 'string') return shownLiteral(name, value);
  const text = JSON.stringify(value) ?? String(value);
  return typeof value === 'object' && value !== null && looksSecret(name, text) ? HIDDEN : quoted(text).slice(1, -1);
}

/** How many characters stand before the first that differs, where a long value is shown from there on. */
const LEAD = 16;

/** `text` from shortly before `start`. */
const from = (text: string, start: number): string => `…${quoted(text.slice(Math.max(0, start - LEAD))).slice(1, -1)}`;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** `now, was then`; of long values that begin alike, what differs. */
export function nowAndThen(name: string, before: unknown, after: unknown): string {
  const [then, now] = [shownValue(name, before), shownValue(name, after)];
  if (then !== now || now === HIDDEN) return `${now}, was ${then}`;
  const [old, text] = [textOf(before), textOf(after)];
  let at = 0;
  while (at < text.length && text[at] === old[at]) at += 1;
  return `${from(text, at)}, was ${from(old, at)}`;
}

/** A name out of a document, as it may stand in a line. */
export const named = (name: string): string => printableLine(name);

export const namesOf = (names: readonly string[]): string => listed(names.map(named));
