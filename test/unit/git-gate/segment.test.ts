import { randomBytes } from 'node:crypto';
import * as assert from 'uvu/assert';
import { type ScanItem, segmentsOf } from '../../../images/sidecars/git-gate/scan/segment.ts';
import { wideText } from '../../../images/sidecars/git-gate/scan/wide-text.ts';
import { suite } from '../../support/suite.ts';

const test = suite('git-gate segments');
const item: ScanItem = { kind: 'ref', ref: 'refs/heads/x' };

test('keeps a short text whole', () => {
  const [only, ...more] = segmentsOf(item, Buffer.from('a\nb\n'), 1);
  assert.is(more.length, 0);
  assert.is(only?.bytes.toString(), 'a\nb\n');
  assert.is(only?.line, 1);
});

test('holds everything of up to 8,000 bytes in one segment, wherever it lies', () => {
  const bytes = Buffer.from(randomBytes(60_000).toString('hex'));
  const segments = segmentsOf(item, bytes);
  for (let at = 0; at + 8_000 <= bytes.length; at += 997) {
    const part = bytes.subarray(at, at + 8_000);
    assert.ok(
      segments.some((segment) => segment.bytes.includes(part)),
      `lost at ${at}`,
    );
  }
});

test('is never longer than gitleaks reads on for the end of a chunk', () => {
  for (const { bytes } of segmentsOf(item, Buffer.from('\n'.repeat(100_000)))) assert.ok(bytes.length <= 23_000);
});

test('has no place where a chunk could end, and as many lines as before', () => {
  const text = 'a\n\nb\n \t\r\n\n\nc\r\n\r\nd\n';
  const [segment] = segmentsOf(item, Buffer.from(text), 1);
  const out = segment?.bytes.toString() ?? '';
  assert.not.match(out, /\n[ \t\r]*\n/);
  assert.is(out.split('\n').length, text.split('\n').length);
  assert.is(out.replaceAll('\f', ''), text);
});

test('knows the line of the item on which each segment begins', () => {
  const lines = Array.from({ length: 9_000 }, (_, index) => `line ${index + 1} of many`);
  for (const { bytes, line } of segmentsOf(item, Buffer.from(lines.join('\n')), 1)) {
    const [, second] = bytes.toString().split('\n');
    assert.is(second, lines[line ?? -1]);
  }
});

const SECRET = 'the-secret-value-0123456789';
const wide = (text: string, width: number, big: boolean): Buffer => {
  const bytes = Buffer.alloc(text.length * width);
  for (const [index, code] of [...Buffer.from(text)].entries()) bytes[index * width + (big ? width - 1 : 0)] = code;
  return bytes;
};

test('finds wide text in both byte orders, at any alignment, in UTF-16 and UTF-32', () => {
  for (const width of [2, 4]) {
    for (const big of [false, true]) {
      for (const before of ['', 'x', 'xyz']) {
        const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xfe]), wide(SECRET, width, big)]);
        assert.match(wideText(bytes).toString(), SECRET, `${width} ${big} ${before}`);
      }
    }
  }
});

test('finds wide text right after a character of another script', () => {
  assert.match(wideText(Buffer.from(`中${SECRET}中`, 'utf16le')).toString(), SECRET);
});

test('makes nothing of plain text and of noise', () => {
  assert.is(wideText(Buffer.from(SECRET)).length, 0);
  assert.is(wideText(Buffer.alloc(1000)).length, 0);
});

test.run();
