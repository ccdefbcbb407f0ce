/**
 * Other spellings of the method and the path, which some servers prefer to the real ones:
 * images/sidecars/egress/overrides.py in TypeScript, but for bodies.
 */

import { canonicalName, fullyUnquoted, stripped } from './canonical.ts';

const METHOD_FIELD = /method-?override|override-?method|verb-?override/;
const METHOD_NAME = /methodoverride|overridemethod|httpmethod|verboverride|httpverb|(?:original|rewrite)method/;
const METHOD_NAMES = ['x-method', 'x-verb'];
const PATH_NAME =
  /(?:original|rewrite|rewritten|override|request|real|destination)(?:url|uri|path|prefix)|(?:url|uri|path)override/;
const PATH_NAMES = ['destination', 'x-url', 'x-uri', 'x-path'];

/** Stands for a method where one is named and cannot be read; no route lists it. */
const UNREADABLE = '?';

/** Whether a header says what a proxy received: deleted from every request. */
export function isForwarding(name: string): boolean {
  const canonical = canonicalName(name);
  return canonical.startsWith('x-forwarded-') || canonical === 'forwarded';
}

const isNamed = (name: string, names: readonly string[], pattern: RegExp): boolean => {
  const canonical = canonicalName(name);
  return names.includes(canonical) || pattern.test(canonical.replaceAll('-', ''));
};

export const isMethodHeader = (name: string): boolean => isNamed(name, METHOD_NAMES, METHOD_NAME);

export const isPathHeader = (name: string): boolean => isNamed(name, PATH_NAMES, PATH_NAME);

function isMethodField(name: string): boolean {
  const words = canonicalName(stripped(fullyUnquoted(name.replaceAll('+', ' '))));
  return /^-+method-*$/.test(words) || METHOD_FIELD.test(words);
}

const asMethod = (value: string): string =>
  stripped(fullyUnquoted(value.replaceAll('+', ' '))).toUpperCase() || UNREADABLE;

/** The methods that fields of a query ask for instead; a semicolon separates as well. */
export function queryMethods(query: string): readonly string[] {
  return query.split(/[&;]/).flatMap((pair) => {
    const at = pair.indexOf('=');
    const [name, value] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    return isMethodField(name) ? [asMethod(value)] : [];
  });
}
