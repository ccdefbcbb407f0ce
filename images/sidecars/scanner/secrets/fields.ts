/**
 * What a request carries in parts, put back together: a secret cut over parameters is one secret again. All texts are
 * read in every way, whatever their declared type: the origin decides how it reads them. Escapes are left for the scan.
 */

/** Parts of a text in their order. */
export interface Fields {
  /** The values, without anything between them. */
  readonly values: string;
  /** The names, and names and values in turn: texts of words, where less is told by a match. */
  readonly names: readonly string[];
}

const NO_FIELDS: Fields = { values: '', names: [] };

/** Pieces of one text, put together without a string for each: a body may be cut into very many. */
class Pieces {
  readonly #source: Buffer;
  readonly #joined: Buffer;
  #length = 0;

  constructor(source: Buffer) {
    this.#source = source;
    this.#joined = Buffer.allocUnsafe(source.length);
  }

  add(start: number, end: number): void {
    if (end > start) this.#length += this.#source.copy(this.#joined, this.#length, start, end);
  }

  toString(): string {
    return this.#joined.toString('latin1', 0, this.#length);
  }
}

const EQUALS = 0x3d;

/** The fields of `name=value` pairs, between which stand bytes of `separators`. */
function fieldsOfPairs(text: Buffer, separators: string): Fields {
  const ends = new Uint8Array(256);
  for (const byte of Buffer.from(separators)) ends[byte] = 1;
  const [names, values, inTurn] = [new Pieces(text), new Pieces(text), new Pieces(text)];
  let start = 0;
  let equals = -1;
  for (let at = 0; at <= text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte === EQUALS && equals < 0) equals = at;
    if (at < text.length && ends[byte] !== 1) continue;
    if (equals >= 0) {
      names.add(start, equals);
      inTurn.add(start, equals);
    }
    values.add(equals < 0 ? start : equals + 1, at);
    inTurn.add(equals < 0 ? start : equals + 1, at);
    start = at + 1;
    // A cookie has a space behind each `;`.
    if (text[start] === 0x20) start += 1;
    equals = -1;
  }
  return { values: values.toString(), names: [names.toString(), inTurn.toString()] };
}

/** The parameters of `name=value&…`, or `;` for `&`, as in a cookie. */
export function parameterFields(text: Buffer): Fields {
  return text.includes('=') ? fieldsOfPairs(text, '&;') : NO_FIELDS;
}

/** The fields of a form as `text/plain`: `name=value` on every line (HTML, section 4.10.21.8). */
function lineFields(text: Buffer): Fields {
  let start = 0;
  let hasPairs = false;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const line = text.toString('latin1', start, Math.min(end < 0 ? text.length : end, start + 200)).trimEnd();
    if (line !== '' && !/^[^=\s]+=/.test(line)) return NO_FIELDS;
    hasPairs ||= line !== '';
    start = end < 0 ? text.length : end + 1;
  }
  return hasPairs ? fieldsOfPairs(text, '\r\n') : NO_FIELDS;
}

const [LF, CR, QUOTE, BACKSLASH, COLON] = [10, 13, 0x22, 0x5c, 0x3a];

/** Where the JSON string ends that begins at the quote at `start`: at its other quote, or at the end. */
function stringEnd(text: Buffer, start: number): number {
  for (let at = text.indexOf(QUOTE, start + 1); at >= 0; at = text.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

/**
 * The strings of JSON, in their order. Read as they stand, without parsing: a document that is broken, has a key twice,
 * or is one of many (NDJSON) may still be read by its receiver.
 */
function jsonFields(text: Buffer): Fields {
  if (!/^(?:\xef\xbb\xbf)?\s*[[{"]/.test(text.toString('latin1', 0, 1024))) return NO_FIELDS;
  const [keys, values, all] = [new Pieces(text), new Pieces(text), new Pieces(text)];
  for (let start = text.indexOf(QUOTE); start >= 0; ) {
    const end = stringEnd(text, start);
    let next = end + 1;
    while (next < text.length && (text[next] ?? 0) <= 32) next += 1;
    (text[next] === COLON ? keys : values).add(start + 1, end);
    all.add(start + 1, end);
    start = text.indexOf(QUOTE, end + 1);
  }
  return { values: values.toString(), names: [keys.toString(), all.toString()] };
}

/** The next delimiter from `from` on: two hyphens at the beginning of a line. */
function delimiterFrom(text: Buffer, from: number): number {
  for (let at = text.indexOf('--', from); at >= 0; at = text.indexOf('--', at + 1)) {
    if (at === 0 || text[at - 1] === LF) return at;
  }
  return -1;
}

/** Where the content ends whose delimiter is at `at`: the line end before it belongs to the delimiter. */
const lineEndBefore = (text: Buffer, at: number): number => (text[at - 2] === CR ? at - 2 : at - 1);

/** Where the content begins behind the first empty line between `from` and `to`, or -1. */
function emptyLineFrom(text: Buffer, from: number, to: number): number {
  for (let at = text.indexOf(LF, from); at >= 0 && at < to; at = text.indexOf(LF, at + 1)) {
    const next = text[at + 1] === CR ? at + 2 : at + 1;
    if (text[next] === LF) return next + 1;
  }
  return -1;
}

/**
 * The contents of the parts of a multipart body (RFC 2046 section 5.1.1), with either kind of line end. Every line that
 * begins as a delimiter does counts as one: several boundaries may be declared, and one of them is the origin's.
 */
function partFields(text: Buffer): Fields {
  const values = new Pieces(text);
  for (let at = delimiterFrom(text, 0); at >= 0; ) {
    const next = delimiterFrom(text, at + 2);
    const end = next < 0 ? text.length : lineEndBefore(text, next);
    const content = emptyLineFrom(text, at, end);
    if (content >= 0) values.add(content, end);
    at = next;
  }
  return { values: values.toString(), names: [] };
}

/** `body` in every way that its fields can be read. */
export function* bodyFields(body: Buffer): Generator<Fields> {
  for (const read of [parameterFields, lineFields, jsonFields, partFields]) {
    const fields = read(body);
    if (fields !== NO_FIELDS) yield fields;
  }
}
