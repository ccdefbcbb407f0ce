/**
 * Tokens that were cut into pieces within one text: string literals that a program puts together, lines that are quoted,
 * marked or commented, pieces with blanks or dots between. With all that gone, words stand glued together, too, so that a
 * match must look as random as a token is.
 */

import { CORE_PATTERNS, type SecretPattern } from './patterns.ts';

/** Kinds with a prefix of their own and a long random rest of both cases. Not key ids of AWS: source maps have them. */
const KINDS = new Set([
  'GitHub Token',
  'GitHub Fine-Grained PAT',
  'GitLab PAT',
  'Anthropic API Key',
  'Google API Key',
  'Stripe Key',
  'npm Token',
  'Hugging Face Token',
]);
const PATTERNS = CORE_PATTERNS.filter(({ name, confirm }) => KINDS.has(name) && confirm === undefined).map((entry) => ({
  ...entry,
  everywhere: new RegExp(entry.pattern.source, `${entry.pattern.flags}g`),
}));

/** What stands between the pieces: with the hyphen for tokens that have none, without it for those that do. */
const SEPARATORS = [/[^A-Za-z0-9_]+/g, /\n\s{0,40}-\s+|[^A-Za-z0-9_-]+/g];

const kindOf = (code: number): number => (code < 58 ? 0 : code < 91 ? 1 : 2);

/**
 * Whether neighbours in `token` are of another kind (digit, upper, lower case) as often as in random text. They are at six
 * of ten places there, and at three in words of a program.
 */
function alternates(token: string): boolean {
  let changes = 0;
  let digits = 0;
  for (let at = 0; at < token.length; at += 1) {
    const code = token.charCodeAt(at);
    if (code < 58) digits += 1;
    if (at > 0 && kindOf(code) !== kindOf(token.charCodeAt(at - 1))) changes += 1;
  }
  const hasBothCases = /[A-Z]/.test(token) && /[a-z]/.test(token);
  return hasBothCases && digits >= 2 && changes >= (token.length - 1) * 0.45;
}

function isRandom(match: string): boolean {
  const random = match.replace(/^.*[_-]/, '');
  return alternates(random.length >= 16 ? random : match.slice(-20));
}

/** The first kind of token that `text` has in pieces. */
export function findInPieces(text: string): SecretPattern | undefined {
  for (const separators of SEPARATORS) {
    const squeezed = text.replace(separators, '');
    for (const entry of PATTERNS) {
      for (const match of squeezed.matchAll(entry.everywhere)) {
        if (isRandom(match[0])) return entry;
      }
    }
  }
  return undefined;
}
