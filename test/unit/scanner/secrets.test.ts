import { deflateSync, gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { judgeBody, judgeHeaders } from '../../../images/sidecars/scanner/judge/content.ts';
import { judgeTarget } from '../../../images/sidecars/scanner/judge/target.ts';
import { suite } from '../../support/suite.ts';
import { HARMLESS_BODIES, HARMLESS_HEADERS, HARMLESS_PATHS, noise } from './support/harmless.ts';
import { SECRETS } from './support/secrets.ts';

const test = suite('the secret scan');
const ORIGIN = 'https://api.test:443';

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');
const percentAll = (text: string) =>
  [...Buffer.from(text, 'latin1')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Encodings that survive in any place. */
const TEXT_ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'percent-encoded': encodeURIComponent,
  'percent-encoded throughout': percentAll,
  'percent-encoded twice': (text) => encodeURIComponent(percentAll(text)),
  base64: base64,
  base64url: (text) => Buffer.from(text, 'latin1').toString('base64url'),
  'base64 twice': (text) => base64(base64(text)),
  hex: (text) => Buffer.from(text, 'latin1').toString('hex'),
  'hex in base64': (text) => base64(Buffer.from(text, 'latin1').toString('hex')),
  'base64 glued to letters': (text) => `abcde${base64(text)}`,
  'gzip in base64': (text) => gzipSync(text).toString('base64'),
  'percent-encoded base64': (text) => percentAll(base64(text)),
};

/** Encodings of bodies only. */
const BODY_ENCODINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  raw: (text) => Buffer.from(text),
  'after a lot of noise': (text) => Buffer.concat([noise(50_000, 'before'), Buffer.from(text), noise(50_000, 'after')]),
  gzip: (text) => gzipSync(text),
  zlib: (text) => deflateSync(text),
  'gzip of base64 of gzip': (text) => gzipSync(gzipSync(text).toString('base64')),
  'gzip after a prefix': (text) => Buffer.concat([noise(1000, 'tar'), gzipSync(text)]),
  'UTF-16': (text) => Buffer.from(text, 'utf16le'),
  'JSON with escapes': (text) =>
    Buffer.from(`{"a":"${[...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"}`),
  'base64 in lines': (text) =>
    Buffer.from(base64(`some text before it, and then ${text}`).replace(/(.{20})/g, '$1\r\n')),
  'a multipart part': (text) =>
    Buffer.from(`--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n${text}\r\n--b--\r\n`),
};

for (const [kind, secret] of Object.entries(SECRETS)) {
  test(`${kind} is found in a body, raw and in every encoding`, async () => {
    for (const [name, encode] of Object.entries(BODY_ENCODINGS)) {
      assert.is((await judgeBody(encode(secret)))?.scanner, 'body_dlp', name);
    }
    for (const [name, encode] of Object.entries(TEXT_ENCODINGS)) {
      const body = Buffer.from(JSON.stringify({ note: encode(secret) }));
      assert.is((await judgeBody(body))?.scanner, 'body_dlp', name);
    }
  });

  test(`${kind} is found in path, query and headers, in every encoding`, async () => {
    const oneLine = secret.replaceAll('\n', '\\n');
    for (const [name, encode] of Object.entries(TEXT_ENCODINGS)) {
      const text = encode(oneLine);
      const asPath = encodeURI(text).replaceAll('%25', '%');
      assert.is((await judgeTarget(ORIGIN, `/upload/${asPath}/x`))?.status, 403, `path, ${name}`);
      assert.is((await judgeTarget(ORIGIN, `/x?data=${encodeURIComponent(text)}`))?.status, 403, `query, ${name}`);
      assert.is((await judgeTarget(ORIGIN, `/x?${encodeURIComponent(text)}=1`))?.status, 403, `query key, ${name}`);
      const fields = [{ name: 'X-Data', value: text }];
      assert.is((await judgeHeaders(fields, new Set()))?.scanner, 'header_dlp', `header, ${name}`);
    }
    assert.is((await judgeHeaders([{ name: 'X-Data', value: oneLine }], new Set()))?.scanner, 'header_dlp');
  });
}

test('a secret cut over parameters, fields, parts or values is put together again', async () => {
  for (const kind of ['AWS access key id alone', 'GitHub token', 'Stripe key']) {
    const secret = SECRETS[kind] ?? '';
    const parts = [secret.slice(0, 3), secret.slice(3, 11), secret.slice(11)];
    const query = parts.map((part, index) => `p${index}=${encodeURIComponent(part)}`).join('&');
    assert.is((await judgeTarget(ORIGIN, `/x?${query}`))?.scanner, 'dlp', kind);
    assert.is((await judgeBody(Buffer.from(query)))?.scanner, 'body_dlp');
    assert.is((await judgeBody(Buffer.from(JSON.stringify({ a: parts, b: 1 }))))?.scanner, 'body_dlp');
    const multipart = `${parts.map((part) => `--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n${part}\r\n`).join('')}--b--\r\n`;
    assert.is((await judgeBody(Buffer.from(multipart)))?.scanner, 'body_dlp');
    const headers = parts.map((value, index) => ({ name: `X-${index}`, value }));
    assert.is((await judgeHeaders(headers, new Set()))?.scanner, 'header_dlp');
  }
});

test('a header that is not scanned may carry a credential, and any other may not', async () => {
  const value = `Bearer ${SECRETS['GitHub token']}`;
  assert.is(await judgeHeaders([{ name: 'Authorization', value }], new Set(['authorization'])), undefined);
  assert.is((await judgeHeaders([{ name: 'Authorization', value }], new Set()))?.scanner, 'header_dlp');
  assert.is((await judgeHeaders([{ name: 'X-Auth', value }], new Set(['authorization'])))?.scanner, 'header_dlp');
});

test('a secret in the name of a header is found in any case', async () => {
  const name = SECRETS['AWS access key id alone'] ?? '';
  for (const spelled of [name, name.toLowerCase()]) {
    assert.is((await judgeHeaders([{ name: spelled, value: '1' }], new Set()))?.scanner, 'header_dlp');
  }
});

test('a comment that tells secretlint to look away does not', async () => {
  const text = `/* secretlint-disable */\n// secretlint-disable-next-line\n${SECRETS['Slack token']}\n`;
  assert.is((await judgeBody(Buffer.from(text)))?.scanner, 'body_dlp');
  const gcp = `// secretlint-disable\nmysql://root:${'s3cr3tpassw0rd'}@db.corp.example:3306/app`;
  const withDirective = await judgeBody(Buffer.from(gcp));
  const without = await judgeBody(Buffer.from(gcp.replace('// secretlint-disable\n', '')));
  assert.equal(withDirective, without);
});

test('a parameter that is named like a credential is refused', async () => {
  for (const query of ['token=abcd', 'api_key=<your key here>', 'a=1&password=hunter2', 'APIKEY=1234']) {
    const refused = await judgeTarget(ORIGIN, `/x?${query.replaceAll(' ', '+')}`);
    assert.is(refused?.reason, 'DLP match: Credential in URL (high)', query);
  }
});

test('what hides more than one scan will decode is refused, in bounded time and memory', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x61));
  const started = performance.now();
  assert.is((await judgeBody(bomb))?.scanner, 'body_dlp');
  const streams = Buffer.concat(Array.from({ length: 100 }, () => gzipSync('x')));
  assert.is((await judgeBody(streams))?.scanner, 'body_dlp');
  assert.ok(performance.now() - started < 3_000);
});

test('text made to make patterns backtrack is judged in time', async () => {
  const hostile = [
    'eyJ'.repeat(60_000),
    'sk-ant-'.repeat(25_000),
    `-----BEGIN PRIVATE KEY-----${'Comment:'.repeat(25_000)}`,
    `-----BEGIN PRIVATE KEY-----${'Comment: x\n'.repeat(15_000)}`,
    'xapp-1-'.repeat(25_000),
    '%'.repeat(190_000),
    '\\u'.repeat(95_000),
    'AKIA'.repeat(45_000),
    'secret_key='.repeat(17_000),
    'https://a:b'.repeat(17_000),
    'M'.repeat(190_000),
    `${'a'.repeat(15)} `.repeat(11_000),
    'postgres://u:p'.repeat(13_000),
  ];
  for (const text of hostile) {
    const started = performance.now();
    await judgeBody(Buffer.from(text));
    assert.ok(performance.now() - started < 2_000, `${text.slice(0, 40)}: ${performance.now() - started} ms`);
  }
});

for (const [kind, body] of Object.entries(HARMLESS_BODIES)) {
  test(`${kind} passes as a body`, async () => {
    assert.is(await judgeBody(body), undefined);
  });
}

test('everyday paths and headers pass', async () => {
  for (const path of HARMLESS_PATHS) assert.is(await judgeTarget(ORIGIN, path), undefined, path);
  const fields = HARMLESS_HEADERS.map((line) => ({
    name: line.slice(0, line.indexOf(':')),
    value: line.slice(line.indexOf(':') + 2),
  }));
  assert.is(await judgeHeaders(fields, new Set()), undefined);
});

test('a secret cut over JSON strings is found, also with a great many values behind it', async () => {
  const [first, second] = ['ghp_0123456789abcdefgh', 'ijklmnopqrstuvwxyz01'];
  const zeros = ',0'.repeat(200_000);
  for (const text of [`["${first}","${second}"]`, `["${first}","${second}"${zeros}]`]) {
    assert.is((await judgeBody(Buffer.from(text)))?.scanner, 'body_dlp', text.slice(0, 60));
  }
  assert.is(await judgeBody(Buffer.from(`["ordinary","words"${zeros}]`)), undefined);
});

test.run();
