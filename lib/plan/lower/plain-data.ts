/** Whether a value is what YAML and JSON can hold, and nothing else. */

import { isInheritedName, jsonPointer } from '../override-paths.ts';
import { quoted, typeName } from '../shown.ts';

/** Nobody writes more by hand; without a limit a few lists within each other would fill the disk. */
const MOST_VALUES = 10_000;
const DEEPEST = 32;

const PLAIN = 'texts, finite numbers, true, false, null, lists and objects of these';

/** What `value` is, where that is nothing that can be written. */
function unwritable(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `the number ${value}`;
  if (value === null || ['string', 'boolean'].includes(typeof value)) return undefined;
  if (typeof value !== 'object') return typeName(value);
  if (Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return undefined;
  return `an instance of ${value.constructor?.name || 'a class'}`;
}

/** What in `value` is no plain data, and where (empty, or ` at <pointer>`); undefined if all of it is. */
export function plainDataProblem(value: unknown): string | undefined {
  const above: object[] = [];
  let values = 0;
  const problem = (what: string, keys: readonly string[]): string =>
    `${what}${keys.length === 0 ? '' : ` at ${quoted(jsonPointer(keys))}`}; allowed: ${PLAIN}`;
  const judge = (part: unknown, keys: readonly string[]): string | undefined => {
    values += 1;
    if (values > MOST_VALUES) return `more than ${MOST_VALUES} values; allowed: at most that many`;
    const wrong = unwritable(part);
    if (wrong !== undefined) return problem(wrong, keys);
    if (typeof part !== 'object' || part === null) return undefined;
    if (above.includes(part)) return problem('an object that holds itself', keys);
    if (above.length === DEEPEST) return `more than ${DEEPEST} levels; allowed: at most that many`;
    above.push(part);
    // Not Object.entries: it would pass over the holes of a list.
    const entries = Array.isArray(part) ? Array.from(part).entries() : Object.entries(part);
    for (const [key, entry] of entries) {
      const inner = [...keys, String(key)];
      if (isInheritedName(String(key)))
        return problem(`the key ${quoted(String(key))}, which is JavaScript's own,`, inner);
      const found = judge(entry, inner);
      if (found !== undefined) return found;
    }
    above.pop();
    return undefined;
  };
  return judge(value, []);
}
