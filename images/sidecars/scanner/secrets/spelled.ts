/** Texts whose characters were set apart or dressed up: what a reader, or one command, makes plain again. */

const SHORTEST = 12;
const isBlank = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);
/** `od -c` sets characters three blanks apart, and a blank among them is one more. */
const MOST_BLANKS = 7;

/** The runs of single characters with nothing but blanks between them, as words: `g h p _ …`, or one on each line. */
export function spelledOut(view: string): string {
  const out: string[] = [];
  let run = '';
  let blanks = 1;
  const flush = () => {
    if (run.length >= SHORTEST) out.push(run);
    run = '';
  };
  for (let at = 0; at < view.length; at += 1) {
    const code = view.charCodeAt(at);
    if (isBlank(code)) {
      blanks += 1;
      continue;
    }
    const isSingle = blanks > 0 && (at + 1 === view.length || isBlank(view.charCodeAt(at + 1)));
    if (!isSingle || blanks > MOST_BLANKS) flush();
    if (isSingle) run += view[at];
    blanks = 0;
  }
  flush();
  return out.join('\n');
}

/** Format characters, which show nothing (soft hyphen, zero width, directions, tags), and marks on letters. */
const INVISIBLE = /\p{Cf}|\p{Mn}|\u115f|\u1160|\u3164|\uffa0/gu;
const BEYOND_ASCII = /[\x80-\xff]/;

/**
 * `text` (latin-1) read as UTF-8, with compatibility forms (full width, mathematical letters) as plain ones and without
 * what is invisible; empty where that changes nothing.
 */
export function folded(text: string): string {
  if (!BEYOND_ASCII.test(text)) return '';
  const wide = Buffer.from(text, 'latin1').toString('utf8');
  const plain = wide.normalize('NFKD').replace(INVISIBLE, '');
  return plain === wide ? '' : Buffer.from(plain, 'utf8').toString('latin1');
}
