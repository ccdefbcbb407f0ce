/**
 * Keys that something is glued to: gitleaks wants a word's boundary around most of them, so one letter hides them from
 * it. The scanner's patterns want none before a distinctive prefix. Here they judge files, in which placeholders and
 * long random text are common, so what they match has to look like a key once more.
 */

import { shannonEntropy } from '../../scanner/judge/entropy.ts';
import { DecodeBudgetError, layersOf } from '../../scanner/secrets/layers.ts';
import { CORE_PATTERNS, type SecretPattern } from '../../scanner/secrets/patterns.ts';

export interface GluedKey {
  readonly rule: string;
  /** Line of the text, from 0; undefined for a key in what the text encodes. */
  readonly line?: number;
}

/**
 * Left to gitleaks: prefixes so short that random base64url has them by chance, and what ordinary code and
 * documentation name without holding a key.
 */
const NOT_HERE: ReadonlySet<string> = new Set([
  'AWS Secret Key',
  'Google API Key',
  'Hugging Face Token',
  'Private Key Header',
  'PuTTY Private Key',
]);
const PATTERNS: readonly SecretPattern[] = CORE_PATTERNS.filter(
  // A pattern that wants a boundary itself adds nothing.
  ({ name, pattern }) => !NOT_HERE.has(name) && !pattern.source.startsWith('(?<!'),
).map((entry) => ({ ...entry, pattern: new RegExp(entry.pattern.source, `${entry.pattern.flags}g`) }));

/** How long the whole run of a key's characters is at least, where the pattern stops early and placeholders do, too. */
const LEAST_RUN: Readonly<Record<string, number>> = { 'Slack Token': 36, 'Anthropic API Key': 40 };
const RUN = /[A-Za-z0-9_-]*/y;

/** The bits a character of a key has at least; `xxxx…` has next to none. */
const LEAST_ENTROPY = 2.5;

/** A digit, or nothing of its alphabet around it: sequences of amino acids are long runs of capitals without digits. */
function looksLikeAwsKeyId({ 0: key, index, input }: RegExpExecArray): boolean {
  if (!/^A[KS]IA/.test(key) || key.endsWith('EXAMPLE')) return false;
  const isolated = !/[A-Z0-9]/.test(`${input[index - 1] ?? ''}${input[index + key.length] ?? ''}`);
  return isolated || /\d/.test(key);
}

function isKey({ name, confirm }: SecretPattern, match: RegExpExecArray): boolean {
  if (confirm !== undefined && !confirm(match)) return false;
  // What follows a key may be glued to it and all alike: only the beginning of a long match counts.
  if (shannonEntropy(match[0].slice(0, 64)) < LEAST_ENTROPY) return false;
  if (name === 'AWS Access ID') return looksLikeAwsKeyId(match);
  RUN.lastIndex = match.index;
  const run = RUN.exec(match.input)?.[0] ?? '';
  return /\d/.test(match[0] + run) && run.length >= (LEAST_RUN[name] ?? 0);
}

/** Where in `text` each key of the kind begins. */
function* keysOf(entry: SecretPattern, text: string): Generator<number> {
  const { pattern } = entry;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (isKey(entry, match)) yield match.index;
    // A beginning that is no key may reach into one.
    else pattern.lastIndex = match.index + 1;
  }
}

/** The keys in `bytes`, and in what `bytes` encode one of each kind. */
export function gluedKeys(bytes: Buffer): GluedKey[] {
  const text = bytes.toString('latin1');
  const found: GluedKey[] = [];
  for (const entry of PATTERNS) {
    for (const at of keysOf(entry, text))
      found.push({ rule: entry.name, line: text.slice(0, at).split('\n').length - 1 });
  }
  try {
    const [, ...encoded] = layersOf(text);
    for (const layer of encoded) {
      for (const entry of PATTERNS) if (!keysOf(entry, layer).next().done) found.push({ rule: entry.name });
    }
  } catch (error) {
    if (!(error instanceof DecodeBudgetError)) throw error;
    found.push({ rule: 'encoded-beyond-limit' });
  }
  return found;
}
