/** How rendered YAML is written and read: the same bytes on any machine, and the same content to any reader. */

import { Document, parse, stringify, visit } from 'yaml';

const OPTIONS = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * Characters that readers of YAML differ about, and lines, about whose breaks and indentation they differ. To compose
 * and Python, as in YAML 1.1, U+0085, U+2028 and U+2029 end a line: behind one in the middle of a text would stand keys
 * that no rule has seen.
 */
const AMBIGUOUS = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/u;
/** Those of them that double quotes alone leave as they are. */
const RAW = /(?!\n)[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu;

/** Numbers to compose, which reads them as Go does, underscores aside; to YAML 1.1 some are texts. */
const NUMBER_OF_GO =
  /^[-+]?(?:0[xX][-+]?[\da-fA-F]+|0[oO][-+]?[0-7]+|0[bB][-+]?[01]+|(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?)$/;

const differs = (text: string): boolean =>
  AMBIGUOUS.test(text) || (/^[-+.\d]/.test(text) && NUMBER_OF_GO.test(text.replaceAll('_', '')));

/** Whether there is a text in `value`, or a key, that readers of YAML take for different things if it is not quoted. */
function anyDiffers(value: unknown): boolean {
  if (typeof value === 'string') return differs(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(anyDiffers);
  return Object.entries(value).some(([key, one]) => differs(key) || anyDiffers(one));
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** All such texts in double quotes, on one line, with escapes. */
function unambiguous(document: unknown): string {
  const tree = new Document(document, OPTIONS);
  visit(tree, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && differs(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  const oneLine = { doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };
  return tree.toString({ ...OPTIONS, ...oneLine }).replace(RAW, escaped);
}

/**
 * `document` as YAML text. Version 1.1 rules quote every scalar that an older parser would take for a boolean, a
 * number in base 60 or a date; lines are never folded; keys keep their order.
 */
export function yamlText(document: unknown): string {
  return anyDiffers(document) ? unambiguous(document) : stringify(document, OPTIONS);
}

/** The document in `text`, which {@link yamlText} wrote. Throws on what is no YAML. */
export const parsedYaml = (text: string): unknown => parse(text, { version: OPTIONS.version });

/** `document` as JSON text with a final newline. */
export function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
