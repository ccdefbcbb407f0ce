/** How rendered YAML is written: the same bytes on any machine. */

import { stringify } from 'yaml';

/**
 * `document` as YAML text. Version 1.1 rules quote every scalar that an older parser would take for a boolean, a
 * number in base 60 or a date; lines are never folded; keys keep their order.
 */
export function yamlText(document: unknown): string {
  return stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/** `document` as JSON text with a final newline. */
export function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
