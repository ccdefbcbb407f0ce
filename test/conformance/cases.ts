/**
 * Requests and what either engine answers to them. Where pipelock v2.3.0 is known to answer otherwise than the built-in
 * scanner, the case says what it does, and why that is left so.
 */

import { gzipSync } from 'node:zlib';
import { SECRETS } from '../unit/scanner/support/secrets.ts';
import { zipOf } from '../unit/scanner/support/zip.ts';
import type { EngineName } from './engine.ts';

export interface Request {
  /** `connect`: CONNECT alone; `https`: a request in an intercepted tunnel; `http`: in absolute form. */
  readonly by: 'connect' | 'https' | 'http';
  readonly host?: string;
  readonly servername?: string;
  readonly method?: string;
  readonly path?: string;
  readonly fields?: readonly string[];
  readonly body?: string | Buffer;
}

export interface Expected {
  /** 0: no answer at all, the connection is closed. */
  readonly status: number;
  /** The one line of a refusal, or its beginning. */
  readonly line?: string | RegExp;
  /** What the `blocked` event names as the check. */
  readonly scanner?: string;
}

export interface Case {
  readonly name: string;
  readonly request: Request;
  readonly expected: Expected;
  /** Where the other engine differs, and why. */
  readonly pipelock?: Expected & { readonly why: string };
}

export const expectedOf = ({ expected, pipelock }: Case, engine: EngineName): Expected =>
  engine === 'pipelock' && pipelock !== undefined ? pipelock : expected;

const token = SECRETS['GitHub token'] ?? '';
const base64 = Buffer.from(token).toString('base64');
const hex = Buffer.from(token).toString('hex');
const IN_URL = 'blocked: DLP match: GitHub Token (critical)';
const CORE_IN_URL = {
  status: 403,
  line: 'blocked: core DLP match: GitHub Token (critical)',
  scanner: 'core_dlp',
  why: 'patterns that no configuration of it can switch off are a check of their own there',
};
const IN_HEADER = 'blocked: request header contains secret';
const IN_BODY = 'blocked: request body contains secret: GitHub Token';
const ok: Expected = { status: 200 };

const refused = (line: string | RegExp, scanner: string): Expected => ({ status: 403, line, scanner });
const get = (path: string, fields: readonly string[] = []): Request => ({ by: 'https', path, fields });
const post = (body: string | Buffer, ...fields: readonly string[]): Request => ({
  by: 'https',
  method: 'POST',
  path: '/upload',
  fields,
  body,
});
const JSON_TYPE = 'Content-Type: application/json';
const halves = [token.slice(0, 9), token.slice(9)] as const;

const passes: readonly Case[] = [
  { name: 'an ordinary request passes', request: get('/v1/items?page=2', ['X-Note: hello']), expected: ok },
  { name: 'a body passes', request: post('{"a":1}', JSON_TYPE), expected: ok },
  { name: 'plain HTTP passes', request: { by: 'http', path: '/v1' }, expected: ok },
  {
    name: 'a header that is ignored may hold a secret',
    request: get('/', [`Authorization: Bearer ${token}`]),
    expected: ok,
  },
  {
    name: 'a passthrough host is not scanned',
    request: { by: 'https', host: 'pass.test', path: `/${token}` },
    expected: ok,
  },
  { name: 'a wildcard covers a sub-domain', request: { by: 'https', host: 'a.wild.test' }, expected: ok },
  { name: 'a body as large as the cap passes', request: post('a '.repeat(100_000)), expected: ok },
];

const hosts: readonly Case[] = [
  {
    name: 'CONNECT to a host that is not listed',
    request: { by: 'connect', host: 'evil.test' },
    expected: refused('CONNECT blocked: domain not in allowlist: evil.test', 'allowlist'),
  },
  {
    name: 'absolute form to a host that is not listed',
    request: { by: 'http', host: 'evil.test' },
    expected: refused('blocked: domain not in allowlist: evil.test', 'allowlist'),
  },
  ...[
    '127.0.0.1',
    '169.254.169.254',
    '10.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ].map(
    (host): Case => ({
      name: `CONNECT to the address ${host}`,
      request: { by: 'connect', host },
      expected: { status: 403, line: /^CONNECT blocked: / },
    }),
  ),
  {
    name: 'a name that ends as a listed one begins',
    request: { by: 'connect', host: 'api.test.evil.test' },
    expected: refused('CONNECT blocked: domain not in allowlist: api.test.evil.test', 'allowlist'),
  },
  {
    name: 'a secret in the header of a CONNECT',
    request: { by: 'connect', fields: [`X-Note: ${token}`] },
    expected: { status: 403, line: 'CONNECT blocked: header DLP match' },
  },
  {
    name: 'another server name than the CONNECT says',
    request: { by: 'https', servername: 'other.test' },
    expected: { status: 0 },
  },
  {
    name: 'another server name, for a passthrough host',
    request: { by: 'https', host: 'pass.test', servername: 'other.test' },
    expected: { status: 0 },
  },
  {
    name: 'a key in the name of a sub-domain',
    request: { by: 'connect', host: `${SECRETS['AWS access key id alone']}.wild.test`.toLowerCase() },
    expected: refused(/^CONNECT blocked: DLP match: AWS Access ID \(critical\)/, 'dlp'),
    pipelock: {
      ...refused('CONNECT blocked: core DLP match: AWS Access ID (critical)', 'core_dlp'),
      why: CORE_IN_URL.why,
    },
  },
  {
    name: 'a random sub-domain',
    request: { by: 'connect', host: 'q7w2e9r4t1y6u3i8o5p0asdfgh.wild.test' },
    expected: { status: 403, line: /^CONNECT blocked: high entropy / },
  },
];

/** Hex of an address, and its text. */
const INTERNAL: readonly (readonly [string, string])[] = [
  ['7f000001', '127.0.0.1'],
  ['0a000001', '10.0.0.1'],
  ['ac100001', '172.16.0.1'],
  ['c0a80001', '192.168.0.1'],
  ['a9fea9fe', '169.254.169.254'],
  ['64400001', '100.64.0.1'],
  ['e0000001', '224.0.0.1'],
  ['00000000', '0.0.0.0'],
  ['00000000000000000000000000000001', '::1'],
  ['fe800000000000000000000000000001', 'fe80::1'],
  ['fd000000000000000000000000000001', 'fd00::1'],
  ['ff020000000000000000000000000001', 'ff02::1'],
];

const addresses: readonly Case[] = [
  ...INTERNAL.map(
    ([spelled, address]): Case => ({
      name: `a listed name that resolves to ${address}`,
      request: { by: 'connect', host: `a-${spelled}.wild.test` },
      expected: refused(
        new RegExp(`^CONNECT blocked: SSRF blocked: a-${spelled}.wild.test resolves to internal IP`),
        'ssrf',
      ),
    }),
  ),
  {
    name: 'a name with a good and a bad address',
    request: { by: 'connect', host: 'both.wild.test' },
    expected: refused(/^CONNECT blocked: SSRF blocked: both.wild.test resolves to internal IP 10\.1\.2\.3/, 'ssrf'),
  },
  {
    name: 'a name that does not exist',
    request: { by: 'connect', host: 'gone.wild.test' },
    expected: refused(/^CONNECT blocked: SSRF check failed: DNS resolution error for gone.wild.test/, 'ssrf'),
  },
];

const urls: readonly Case[] = [
  {
    name: 'a secret in the path',
    request: get(`/x/${token}`),
    expected: refused(IN_URL, 'dlp'),
    pipelock: CORE_IN_URL,
  },
  {
    name: 'a secret in the query',
    request: get(`/x?q=${token}`),
    expected: refused(IN_URL, 'dlp'),
    pipelock: CORE_IN_URL,
  },
  {
    name: 'a secret in base64 in the query',
    request: get(`/x?q=${base64}`),
    expected: refused(/^blocked: DLP match: GitHub Token/, 'dlp'),
  },
  {
    name: 'a secret in hex in the path',
    request: get(`/x/${hex}`),
    expected: refused(/^blocked: DLP match: GitHub Token/, 'dlp'),
    pipelock: CORE_IN_URL,
  },
  {
    name: 'a secret over two parameters',
    request: get(`/x?a=${halves[0]}&b=${halves[1]}`),
    expected: refused(/^blocked: DLP match: GitHub Token/, 'dlp'),
    pipelock: CORE_IN_URL,
  },
  {
    name: 'the same in absolute form',
    request: { by: 'http', path: `/${token}` },
    expected: refused(IN_URL, 'dlp'),
    pipelock: CORE_IN_URL,
  },
  {
    name: 'a parameter named like a credential',
    request: get('/x?api_key=your-key-here'),
    expected: refused('blocked: DLP match: Credential in URL (high)', 'dlp'),
  },
  {
    name: 'line ends in the URL',
    request: get('/a%0d%0aX-A:1'),
    expected: refused(/^blocked: .*(CR|LF).* in URL/, 'crlf_injection'),
  },
  {
    name: 'a path that climbs',
    request: get('/a/%2e%2e/b'),
    expected: refused('blocked: path traversal sequence in URL', 'path_traversal'),
  },
  {
    name: 'a URL without end',
    request: get(`/${'ab/'.repeat(1_000)}`),
    expected: refused(/^blocked: URL length \d+ exceeds maximum 2048/, 'length'),
  },
];

const contents: readonly Case[] = [
  { name: 'a secret in a header', request: get('/', [`X-Note: ${token}`]), expected: refused(IN_HEADER, 'header_dlp') },
  {
    name: 'a secret in base64 in a header',
    request: get('/', [`X-Note: ${base64}`]),
    expected: refused(IN_HEADER, 'header_dlp'),
  },
  {
    name: 'a secret in a cookie',
    request: get('/', [`Cookie: a=${token}`]),
    expected: refused(IN_HEADER, 'header_dlp'),
  },
  { name: 'a secret in a body', request: post(`note ${token}`), expected: refused(IN_BODY, 'body_dlp') },
  {
    name: 'a secret in base64 in JSON',
    request: post(JSON.stringify({ a: base64 }), JSON_TYPE),
    expected: refused(IN_BODY, 'body_dlp'),
  },
  {
    name: 'a secret over strings of JSON',
    request: post(JSON.stringify({ a: halves[0], b: halves[1] }), JSON_TYPE),
    expected: refused(IN_BODY, 'body_dlp'),
  },
  {
    name: 'a secret in a part of a form',
    request: post(
      `--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n${token}\r\n--b--\r\n`,
      'Content-Type: multipart/form-data; boundary=b',
    ),
    expected: refused(IN_BODY, 'body_dlp'),
  },
  {
    name: 'a private key',
    request: post(SECRETS['EC key (SEC1)'] ?? ''),
    expected: refused('blocked: request body contains secret: Private Key Header', 'body_dlp'),
  },
  {
    name: 'a compressed request',
    request: post(gzipSync('hello'), 'Content-Encoding: gzip'),
    expected: refused(
      'blocked: request body uses Content-Encoding "gzip"; compressed bodies cannot be scanned for secrets',
      'body_dlp',
    ),
  },
  {
    name: 'a body over the cap',
    request: post('a '.repeat(100_001)),
    expected: refused('blocked: request body exceeds max_body_bytes (200000)', 'body_dlp'),
  },
  {
    name: 'a secret in gzip that no header announces',
    request: post(gzipSync(token)),
    expected: refused(IN_BODY, 'body_dlp'),
    pipelock: { ...ok, why: 'it searches the bytes as they are' },
  },
  {
    name: 'a secret in a zip file',
    request: post(zipOf([{ name: 'a', content: token }])),
    expected: refused(IN_BODY, 'body_dlp'),
    pipelock: { ...ok, why: 'it searches the bytes as they are' },
  },
  {
    name: 'a zstd file',
    request: post(Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(100, 7)])),
    expected: refused('blocked: request body cannot be scanned: it holds zstd data, which cannot be read', 'body_dlp'),
    pipelock: { ...ok, why: 'it searches the bytes as they are' },
  },
];

const responses: readonly Case[] = [
  {
    name: 'a compressed response',
    request: get('/gzip'),
    expected: refused('blocked: compressed response cannot be scanned', 'tls_response_blocked'),
  },
  {
    name: 'a response over the cap',
    request: get('/x?bytes=100001'),
    expected: refused(/^blocked: response too large for scanning/, 'tls_response_blocked'),
  },
  { name: 'a response as large as the cap', request: get('/x?bytes=100000'), expected: ok },
];

export const CASES: readonly Case[] = [...passes, ...hosts, ...addresses, ...urls, ...contents, ...responses];
