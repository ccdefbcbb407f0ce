/** How an override says where: dotted paths, JSON pointers (RFC 6901), and the keys that neither may name. */

/** Members of every JavaScript object: as a key of data they would reach what is shared by all of them. */
const INHERITED: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/** Whether `key` is one of JavaScript's own, such as `__proto__` and `constructor`, which no override may name. */
export const isInheritedName = (key: string): boolean => INHERITED.has(key);

/**
 * The keys of a dotted path: `labels.com\.example\.team` is `labels` and `com.example.team`. A backslash stands before a
 * dot or a backslash only. Undefined if the path is malformed or has an empty key.
 */
export function dottedKeys(path: string): readonly string[] | undefined {
  if (!/^(?:[^\\]|\\[.\\])*$/s.test(path)) return undefined;
  const keys = [...path.matchAll(/(?:^|\.)((?:[^.\\]|\\.)*)/gs)].map(([, key = '']) => key.replace(/\\(.)/gs, '$1'));
  return keys.includes('') ? undefined : keys;
}

/** The keys of a JSON pointer, none for the whole document. Undefined if it is malformed. */
export function pointerKeys(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON pointer of a list of keys. */
export const jsonPointer = (keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
