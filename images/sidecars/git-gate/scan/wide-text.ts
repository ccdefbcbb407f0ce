/** ASCII text in UTF-16 and UTF-32, which a scanner for bytes does not see. */

const CHARACTER = '[\\t\\n\\r\\x20-\\x7e]';
/** At least eight characters: no secret is shorter, and chance makes few runs of that length. */
const RUNS = [
  `(?:${CHARACTER}\\x00){8,}`,
  `(?:\\x00${CHARACTER}){8,}`,
  `(?:${CHARACTER}\\x00{3}){8,}`,
  `(?:\\x00{3}${CHARACTER}){8,}`,
].map((source) => new RegExp(source, 'g'));

/**
 * The runs of wide ASCII in `bytes`, at any alignment and in either byte order, one a line. A byte order mark is not
 * needed, and text in other scripts between the runs does no harm; a secret itself is ASCII.
 */
export function wideText(bytes: Buffer): Buffer {
  if (!bytes.includes(0)) return Buffer.alloc(0);
  const text = bytes.toString('latin1');
  const runs = RUNS.flatMap((run) => text.match(run) ?? []);
  return Buffer.from(runs.map((run) => run.replaceAll('\0', '')).join('\n'), 'latin1');
}
