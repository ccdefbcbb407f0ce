import * as zlib from 'node:zlib';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { judgeBody, judgeHeaders } from '../../../images/sidecars/scanner/judge/content.ts';
import { judgeTarget } from '../../../images/sidecars/scanner/judge/target.ts';
import { suite } from '../../support/suite.ts';
import { noise } from './support/harmless.ts';
import { SECRETS } from './support/secrets.ts';
import { zipOf } from './support/zip.ts';

const test = suite('files inside requests');
const token = SECRETS['GitHub token'] ?? '';
const part = (bytes: Buffer) =>
  Buffer.concat([
    Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'),
    bytes,
    Buffer.from('\r\n--b--\r\n'),
  ]);

const READ: Readonly<Record<string, (text: string) => Buffer>> = {
  'a deflated entry of a zip file': (text) => zipOf([{ name: 'a.txt', content: text }]),
  'the last of 300 entries of a zip file': (text) =>
    zipOf([
      ...Array.from({ length: 299 }, (_, at) => ({ name: `${at}.js`, content: `entry ${at}` })),
      { name: 'z', content: text },
    ]),
  'a stored entry': (text) => zipOf([{ name: 'a.txt', content: text, method: 0 }]),
  'an entry whose sizes are not told': (text) => zipOf([{ name: 'a.txt', content: text, withoutSizes: true }]),
  'the name of an entry': (text) => zipOf([{ name: text.replaceAll('\n', ''), content: 'x' }]),
  'a zip file in a zip file': (text) => zipOf([{ name: 'inner.zip', content: zipOf([{ name: 'a', content: text }]) }]),
  'a zip file behind a script': (text) =>
    Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), zipOf([{ name: 'a', content: text }])]),
  brotli: (text) => brotliCompressSync(text),
  'a stream of a PDF file': (text) =>
    Buffer.concat([
      Buffer.from('%PDF-1.7\n1 0 obj <</Filter /FlateDecode>> stream\n'),
      deflateSync(text),
      Buffer.from('\nendstream'),
    ]),
  'a Git pack': (text) => Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0\x01\xbd\x05', 'latin1'), deflateSync(text)]),
  'a chunk of a PNG file': (text) =>
    Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), noise(40, 'IHDR'), Buffer.from('zTXt'), deflateSync(text)]),
  'gzip in a zip file': (text) => zipOf([{ name: 'a.gz', content: gzipSync(text) }]),
};

for (const [name, write] of Object.entries(READ)) {
  test(`a secret in ${name} is found, as a body, as a part, in base64`, async () => {
    for (const kind of ['GitHub token', 'AWS access key id alone', 'short PKCS#8 key (Ed25519)']) {
      const bytes = write(SECRETS[kind] ?? '');
      for (const body of [bytes, part(bytes), Buffer.from(JSON.stringify({ file: bytes.toString('base64') }))]) {
        assert.match((await judgeBody(body))?.reason ?? 'passed', /contains secret/, kind);
      }
      assert.is(await judgeBody(write('harmless words, and more of them, but no key at all')), undefined);
    }
  });
}

const UNREADABLE: Readonly<Record<string, Buffer>> = {
  'zstd data': Buffer.from('28b52ffd', 'hex'),
  'xz data': Buffer.from('fd377a585a00', 'hex'),
  'bzip2 data': Buffer.from('BZh91AY&SY'),
  '7z data': Buffer.from('377abcaf271c', 'hex'),
  'lz4 data': Buffer.from('04224d18', 'hex'),
  'lzip data': Buffer.from('LZIP\x01'),
  'rar data': Buffer.from('Rar!\x1a\x07'),
  'an encrypted zip file': zipOf([{ name: 'a', content: 'x', encrypted: true }]),
  'a zip file of compression method 93': zipOf([{ name: 'a', content: 'x', method: 93 }]),
};

for (const [format, beginning] of Object.entries(UNREADABLE)) {
  test(`${format} cannot be read, and is refused as what it is`, async () => {
    const bytes = Buffer.concat([beginning, noise(300, format)]);
    const reason = `request body cannot be scanned: it holds ${format}, which cannot be read`;
    for (const body of [bytes, part(bytes), Buffer.from(`x=${bytes.toString('base64')}`), gzipSync(bytes)]) {
      assert.equal(await judgeBody(body), { scanner: 'body_dlp', reason, status: 403 });
    }
    const value = bytes.toString('base64url');
    assert.is((await judgeHeaders([{ name: 'X-Data', value }], new Set()))?.scanner, 'header_dlp');
    assert.is((await judgeTarget('https://api.test', `/x?d=${value}`))?.scanner, 'dlp');
  });
}

test('words that only begin as such a file does pass', async () => {
  for (const text of [
    'BZh9 is the beginning of bzip2',
    'Rar! said the crow',
    'LZIP',
    'PK\x03\x04 marks an entry',
    'PK',
  ]) {
    assert.is(await judgeBody(Buffer.from(text.padEnd(200, ' .'), 'latin1')), undefined, text);
  }
  const inside = Buffer.concat([noise(5_000, 'elf'), Buffer.from('fd377a585a00', 'hex'), noise(5_000, 'code')]);
  assert.is(await judgeBody(inside), undefined);
});

test('a zip file that unpacks to more than can be scanned is refused', async () => {
  const bomb = zipOf([{ name: 'zeros', content: Buffer.alloc(40 * 1024 * 1024) }]);
  assert.match((await judgeBody(bomb))?.reason ?? '', /cannot be scanned: compressed data is larger/);
  const starts = Buffer.concat(
    Array.from({ length: 100_000 }, () => zipOf([{ name: 'a', content: 'x' }]).subarray(0, 33)),
  );
  assert.match((await judgeBody(starts))?.reason ?? '', /cannot be scanned: more compressed streams/);
});

const zstdCompress: unknown = Reflect.get(zlib, 'zstdCompressSync');
if (typeof zstdCompress === 'function') {
  test('zstd is read by a Node that can', async () => {
    assert.match((await judgeBody(zstdCompress(Buffer.from(token)) as Buffer))?.reason ?? '', /contains secret/);
    const harmless = zstdCompress(Buffer.from('harmless words')) as Buffer;
    assert.is(await judgeBody(harmless), undefined);
    const frames = Buffer.concat([harmless, zstdCompress(Buffer.from(token)) as Buffer]);
    assert.match((await judgeBody(frames))?.reason ?? '', /contains secret/);
  });
} else test.skip('zstd is read by a Node that can', `Node ${process.version} has no zstd; 22.15 and later have`);

test('a large image passes, whatever it unpacks to', async () => {
  const pixels = deflateSync(Buffer.alloc(60 * 1024 * 1024, noise(977, 'pixels')), { level: 9 });
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), noise(40, 'IHDR'), Buffer.from('IDAT'), pixels]);
  assert.is(await judgeBody(png), undefined);
});

test('deflate without any wrapping, in the middle of other bytes, is not seen: the limit that the manual names', async () => {
  assert.is(await judgeBody(Buffer.concat([noise(100, 'x'), deflateRawSync(token.repeat(3))])), undefined);
});

test.run();
