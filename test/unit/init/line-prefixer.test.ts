import * as assert from 'uvu/assert';
import { LINE_CAP, LinePrefixer } from '../../../images/sidecars/init/line-prefixer.ts';
import { suite } from '../../support/suite.ts';

const test = suite('line prefixer');

/** What `chunk` makes the prefixer let go of; its bytes may change afterwards, as those of a read buffer do. */
function pushed(prefixer: LinePrefixer, chunk: Buffer): Buffer {
  const out = Buffer.concat(prefixer.push(chunk));
  chunk.fill('#');
  return out;
}

/** Everything that `chunks` become, the end of the stream included. */
function prefixed(chunks: readonly (string | Buffer)[], cap?: number): string {
  const prefixer = new LinePrefixer('egress', undefined, cap);
  const out = chunks.map((chunk) => pushed(prefixer, Buffer.from(chunk)));
  return Buffer.concat([...out, ...prefixer.flush()]).toString('latin1');
}

test('each line gets the name', () => {
  assert.is(prefixed(['one\ntwo\n\nfour\n']), '[egress] one\n[egress] two\n[egress] \n[egress] four\n');
});

test('a line torn over chunks goes out once, when it is whole', () => {
  const prefixer = new LinePrefixer('egress');
  assert.is(pushed(prefixer, Buffer.from('ab')).length, 0);
  assert.is(pushed(prefixer, Buffer.from('cd')).length, 0);
  assert.is(pushed(prefixer, Buffer.from('e\nf')).toString(), '[egress] abcde\n');
  assert.is(pushed(prefixer, Buffer.from('\n')).toString(), '[egress] f\n');
});

test('a last line without newline is flushed with one', () => {
  assert.is(prefixed(['one\ntail']), '[egress] one\n[egress] tail\n');
  assert.is(prefixed(['']), '');
});

test('every byte but the newline passes unchanged, also as part of a torn character', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value).filter((value) => value !== 0x0a));
  const expected = `[egress] ${bytes.toString('latin1')}\n`;
  assert.is(prefixed([Buffer.concat([bytes, Buffer.from('\n')])]), expected);
  assert.is(prefixed([...[...bytes].map((value) => Buffer.of(value)), '\n']), expected);
});

test('a line as long as the cap is not cut, one byte more is', () => {
  assert.is(prefixed(['abcd\n'], 4), '[egress] abcd\n');
  assert.is(prefixed(['abcde\n'], 4), '[egress] abcd\n[egress] (continued) e\n');
});

test('the cuts of a long line do not depend on the chunks', () => {
  const expected = '[egress] abcd\n[egress] (continued) efgh\n[egress] (continued) ij\n[egress] next\n';
  assert.is(prefixed(['abcdefghij\nnext\n'], 4), expected);
  assert.is(prefixed([...'abcdefghij\nnext\n'], 4), expected);
  assert.is(prefixed(['abcdefgh', 'ij\nne', 'xt'], 4), expected);
});

test('an endless line goes out in pieces while it comes', () => {
  const prefixer = new LinePrefixer('egress');
  const size = 64 * 1024;
  let bytes = 0;
  for (let round = 0; round < 100; round += 1) bytes += pushed(prefixer, Buffer.alloc(size, 'x')).length;
  const held = Buffer.concat(prefixer.flush()).toString().replace('[egress] (continued) ', '').length;
  assert.ok(bytes > 100 * size - LINE_CAP);
  assert.ok(held <= LINE_CAP + 1);
});

test('a listener sees whole lines without newline, and no piece of a cut one', () => {
  const lines: string[] = [];
  const prefixer = new LinePrefixer(
    'egress',
    { marks: [Buffer.from('o')], onLine: (line) => lines.push(line.toString()) },
    8,
  );
  prefixer.push(Buffer.from('one\ntw'));
  prefixer.push(Buffer.from('o\nmuch too long\nthree\nend'));
  prefixer.flush();
  assert.equal(lines, ['one', 'two', 'three', 'end']);
});

test.run();
