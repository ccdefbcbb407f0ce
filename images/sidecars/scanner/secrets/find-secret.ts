/** The one question that every place of a request is asked: is there a secret in this text, however wrapped? */

import type { Effort } from './budget.ts';
import { percentDecoded, unescaped } from './escapes.ts';
import type { Fields } from './fields.ts';
import { layersOf } from './layers.ts';
import { CORE_PATTERNS, firstMatch } from './patterns.ts';
import { presetFinding } from './preset.ts';
import { findInPieces } from './squeezed.ts';

const EVERYWHERE = CORE_PATTERNS.map((entry) => ({
  ...entry,
  everywhere: new RegExp(entry.pattern.source, `${entry.pattern.flags}g`),
}));

/** No secret is shorter. */
const SHORTEST = 12;

export interface Finding {
  readonly name: string;
  readonly severity: 'critical' | 'high';
}

/** Whether a match in words that were put together is a token, and not words: digits, and letters of both cases, or AWS's. */
function isToken(match: string): boolean {
  return /\d/.test(match) && /[A-Z]/.test(match) && (/[a-z]/.test(match) || /^A[A-Z0-9]{19}$/.test(match));
}

/**
 * The first secret in `words`, such as names or segments of a path with nothing left between them. Ordinary words make
 * a prefix and a tail now and then, so that a match has to look like a token.
 */
export function findInWords(words: string): Finding | undefined {
  if (words.length < SHORTEST) return undefined;
  const views = [words, percentDecoded(words), unescaped(words)].filter((view) => view.length >= SHORTEST);
  for (const { name, severity, everywhere, confirm } of EVERYWHERE) {
    for (const match of views.flatMap((view) => [...view.matchAll(everywhere)])) {
      if (isToken(match[0]) && confirm?.(match) !== false) return { name, severity };
    }
  }
  return undefined;
}

/** The first secret in `fields`, put together. */
export async function findInFields({ values, names }: Fields, effort?: Effort): Promise<Finding | undefined> {
  for (const words of names) {
    const found = findInWords(words);
    if (found !== undefined) return found;
  }
  return findSecret(values, effort);
}

/** The first secret in `text` (latin-1) or in what it encodes; throws `UnscannableError` if that cannot be told. */
export async function findSecret(text: string, effort: Effort = 'full'): Promise<Finding | undefined> {
  if (text.length < SHORTEST) return undefined;
  const layers: string[] = [];
  for (const layer of layersOf(text, { effort, refuseUnreadable: true })) {
    const match = firstMatch(layer, CORE_PATTERNS);
    if (match !== undefined) return { name: match.name, severity: match.severity };
    layers.push(layer);
  }
  const view = layers[0] ?? '';
  // In noise, of which little is legible, every prefix stands somewhere.
  const inPieces = view.length > text.length * 0.7 ? findInPieces(view) : undefined;
  if (inPieces !== undefined) return { name: inPieces.name, severity: inPieces.severity };
  const name = await presetFinding(layers.join('\n\n'));
  return name === undefined ? undefined : { name, severity: 'critical' };
}
