/** The scripts in which a name is written (UTS #39, Unicode security mechanisms). */

/** Recommended for identifiers (UAX #31, table 5). */
const SCRIPTS = [
  'Latin',
  'Arabic',
  'Armenian',
  'Bengali',
  'Bopomofo',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Gujarati',
  'Gurmukhi',
  'Han',
  'Hangul',
  'Hebrew',
  'Hiragana',
  'Kannada',
  'Katakana',
  'Khmer',
  'Lao',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
] as const;

type Script = (typeof SCRIPTS)[number];

/** Scripts that are written together, as in UTS #39, "highly restrictive". */
const TOGETHER: readonly (readonly Script[])[] = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

const writtenIn = (scripts: readonly Script[]): RegExp =>
  new RegExp(`^[\\p{scx=Common}\\p{scx=Inherited}${scripts.map((script) => `\\p{scx=${script}}`).join('')}]+$`, 'u');

/** `make()`, once and when it is first asked for: these patterns take 5 ms to build, and few definitions need them. */
function onDemand<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const allowedPatterns = onDemand(() => [...SCRIPTS.map((script) => [script]), ...TOGETHER].map(writtenIn));
const letterPatterns = onDemand(() =>
  SCRIPTS.map((script) => ({ script, pattern: new RegExp(`\\p{Script=${script}}`, 'u') })),
);

/** Whether one label of a name mixes scripts that no language mixes. */
export const isMixed = (label: string): boolean => !allowedPatterns().some((pattern) => pattern.test(label));

/** The scripts of the letters of `text`, for people. */
export function scriptsOf(text: string): readonly string[] {
  const known = letterPatterns()
    .filter(({ pattern }) => pattern.test(text))
    .map(({ script }) => script);
  return known.length === 0 ? ['symbols'] : known;
}
