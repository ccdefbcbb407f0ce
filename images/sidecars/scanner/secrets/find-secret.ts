/** The one question that every place of a request is asked: is there a secret in this text, however wrapped? */

import { layersOf } from './layers.ts';
import { CORE_PATTERNS, firstMatch } from './patterns.ts';
import { presetFinding } from './preset.ts';

export interface Finding {
  readonly name: string;
  readonly severity: 'critical' | 'high';
}

/** The first secret in `text` (latin-1) or in what it encodes; throws `DecodeBudgetError` if there is too much of it. */
export async function findSecret(text: string): Promise<Finding | undefined> {
  if (text.length < 12) return undefined;
  const layers: string[] = [];
  for (const layer of layersOf(text)) {
    const match = firstMatch(layer, CORE_PATTERNS);
    if (match !== undefined) return { name: match.name, severity: match.severity };
    layers.push(layer);
  }
  const name = await presetFinding(layers.join('\n\n'));
  return name === undefined ? undefined : { name, severity: 'critical' };
}
