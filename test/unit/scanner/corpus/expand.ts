/**
 * From rows of the corpus to requests. The rows name kinds of secrets and seeds, never a value, so that no scanner of a
 * host stops at this repository.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { ScanJob } from '../../../../images/sidecars/scanner/scans/job.ts';
import { noise } from '../support/harmless.ts';
import { SECRETS } from '../support/secrets.ts';
import { zipOf } from '../support/zip.ts';

const ROOT = join(import.meta.dirname, '../../../..');

/** The rows of a file of JSON lines. */
export function rowsOf<Row>(name: string): readonly Row[] {
  const lines = readFileSync(join(import.meta.dirname, name), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

export interface RefusedRow {
  readonly secret: string;
  /** From the inside out. */
  readonly as: readonly string[];
  readonly in: string;
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const hex = (byte: number) => byte.toString(16).padStart(2, '0');
const wrap = (text: string) => text.replace(/(.{76})/g, '$1\r\n');

const ENCODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  plain: (bytes) => bytes,
  'in prose': (bytes) => Buffer.concat([latin1('The key is '), bytes, latin1(' and it works.')]),
  'in code': (bytes) => Buffer.concat([latin1('const client = new Client({ key: "'), bytes, latin1('" });')]),
  'in a log': (bytes) =>
    Buffer.concat([latin1('2026-01-02T03:04:05Z DEBUG auth header='), bytes, latin1(' status=200')]),
  glued: (bytes) => Buffer.concat([latin1('abc'), bytes]),
  base64: (bytes) => latin1(bytes.toString('base64')),
  'base64 in lines': (bytes) => latin1(wrap(bytes.toString('base64'))),
  base64url: (bytes) => latin1(bytes.toString('base64url')),
  hex: (bytes) => latin1(bytes.toString('hex')),
  percent: (bytes) => latin1([...bytes].map((byte) => `%${hex(byte)}`).join('')),
  gzip: (bytes) => gzipSync(bytes),
  zlib: (bytes) => deflateSync(bytes),
  brotli: (bytes) => brotliCompressSync(bytes),
  zip: (bytes) => zipOf([{ name: 'notes.txt', content: bytes }]),
  'utf-16': (bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le'),
  'json escapes': (bytes) => latin1([...bytes].map((byte) => `\\u${byte.toString(16).padStart(4, '0')}`).join('')),
  'behind noise': (bytes) => Buffer.concat([noise(20_000, 'before'), latin1(' '), bytes]),
};

const header = (fields: readonly (readonly [string, string])[]): ScanJob => ({
  kind: 'headers',
  fields: fields.map(([name, value]) => ({ name, value })),
  ignored: new Set(),
});
const target = (text: string): ScanJob => ({ kind: 'target', origin: 'https://api.test:443', target: text });
const body = (bytes: Buffer | string): ScanJob => ({
  kind: 'body',
  bytes: typeof bytes === 'string' ? latin1(bytes) : bytes,
});
const text = (bytes: Buffer) => bytes.toString('latin1');
const parameter = (bytes: Buffer) => text(bytes).replace(/[^\w.~-]/g, (one) => `%${hex(one.charCodeAt(0))}`);
const halves = (bytes: Buffer) => [text(bytes).slice(0, 9), text(bytes).slice(9)] as const;
const partOf = (name: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;

const PLACES: Readonly<Record<string, (bytes: Buffer) => ScanJob>> = {
  path: (bytes) => target(`/v1/items/${parameter(bytes)}/x`),
  query: (bytes) => target(`/search?q=${parameter(bytes)}&page=1`),
  'query name': (bytes) => target(`/search?${parameter(bytes)}=1`),
  'query in parts': (bytes) => {
    const [one, two] = halves(bytes);
    return target(`/search?a=${encodeURIComponent(one)}&b=${encodeURIComponent(two)}`);
  },
  header: (bytes) =>
    header([
      ['Accept', '*/*'],
      ['X-Trace', text(bytes)],
    ]),
  'headers in parts': (bytes) => {
    const [one, two] = halves(bytes);
    return header([
      ['X-A', one],
      ['X-B', two],
    ]);
  },
  cookie: (bytes) => header([['Cookie', `theme=dark; sid=${parameter(bytes)}`]]),
  body,
  json: (bytes) => body(JSON.stringify({ model: 'x', messages: [{ role: 'user', content: text(bytes) }] })),
  'json in parts': (bytes) => body(JSON.stringify({ parts: halves(bytes) })),
  form: (bytes) => body(`title=note&text=${parameter(bytes)}&draft=0`),
  multipart: (bytes) => body(`${partOf('title', 'a')}${partOf('file', text(bytes))}--b--\r\n`),
  'multipart in parts': (bytes) => {
    const [one, two] = halves(bytes);
    return body(`${partOf('a', one)}${partOf('b', two)}--b--\r\n`);
  },
  xml: (bytes) => body(`<?xml version="1.0"?><a><b>${text(bytes)}</b></a>`),
};

function named<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = table[name];
  if (found === undefined) throw new Error(`the corpus names "${name}", which there is not`);
  return found;
}

export function refusedJob(row: RefusedRow): ScanJob {
  const bytes = row.as.reduce<Buffer>(
    (inner, name) => named(ENCODERS, name)(inner),
    latin1(named(SECRETS, row.secret)),
  );
  return named(PLACES, row.in)(bytes);
}

/** A request that has to pass: its text, or how it is made. */
export interface PassedRow {
  readonly name: string;
  readonly in: 'target' | 'header' | 'body';
  readonly text?: string;
  /** How often the text stands there. */
  readonly repeat?: number;
  /** A file of the repository or of its packages, its first bytes. */
  readonly file?: string;
  /** Lines of digests: algorithm, encoding, and what stands around each. */
  readonly digests?: { readonly algorithm: string; readonly as: 'hex' | 'base64' | 'base64url'; readonly line: string };
  /** Noise behind the magic of a format. */
  readonly noise?: { readonly magic: string; readonly bytes: number; readonly as?: string };
}

function contentOf({ name, text: literal, repeat, file, digests, noise: random }: PassedRow): Buffer {
  if (file !== undefined) return readFileSync(join(ROOT, file)).subarray(0, 120_000);
  if (digests !== undefined) {
    const { algorithm, as, line } = digests;
    const lines = Array.from({ length: 150 }, (_, index) => {
      const digest = createHash(algorithm).update(`${name}${index}`).digest(as);
      const uuid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
      return line.replaceAll('{n}', String(index)).replaceAll('{uuid}', uuid).replaceAll('{digest}', digest);
    });
    return latin1(lines.join('\n'));
  }
  if (random !== undefined) {
    const bytes = Buffer.concat([Buffer.from(random.magic, 'hex'), noise(random.bytes, name)]);
    return named(ENCODERS, random.as ?? 'plain')(bytes);
  }
  return Buffer.from((literal ?? '').repeat(repeat ?? 1));
}

export function passedJob(row: PassedRow): ScanJob {
  const content = contentOf(row);
  if (row.in === 'body') return body(content);
  if (row.in === 'target') return target(text(content));
  const colon = content.indexOf(':');
  return header([[text(content.subarray(0, colon)), text(content.subarray(colon + 1)).trim()]]);
}
