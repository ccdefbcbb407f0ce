import * as assert from 'uvu/assert';
import { Block, BlockPool } from '../../../images/sidecars/init/block.ts';
import { LINE_CAP, LinePrefixer } from '../../../images/sidecars/init/line-prefixer.ts';
import { suite } from '../../support/suite.ts';

const test = suite('line prefixer');

/** What `chunk` makes the prefixer let go of; its bytes may change afterwards, as those of a read buffer do. */
function pushed(prefixer: LinePrefixer, chunk: Buffer): Buffer {
  const block = new Block();
  prefixer.push(chunk, block);
  chunk.fill('#');
  return block.content;
}

function flushed(prefixer: LinePrefixer): Buffer {
  const block = new Block();
  prefixer.flush(block);
  return block.content;
}

/** Everything that `chunks` become, the end of the stream included. */
function prefixed(chunks: readonly (string | Buffer)[], cap?: number): string {
  const prefixer = new LinePrefixer('egress', undefined, cap);
  const out = chunks.map((chunk) => pushed(prefixer, Buffer.from(chunk)));
  return Buffer.concat([...out, flushed(prefixer)]).toString('latin1');
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
  const held = flushed(prefixer).toString().replace('[egress] (continued) ', '').length;
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
  pushed(prefixer, Buffer.from('one\ntw'));
  pushed(prefixer, Buffer.from('o\nmuch too long\nthree\nend'));
  flushed(prefixer);
  assert.equal(lines, ['one', 'two', 'three', 'end']);
});

test('a chunk of nothing but newlines, which grows most, comes out whole', () => {
  const lines = prefixed([Buffer.alloc(64 * 1024, '\n')]);
  assert.is(lines, '[egress] \n'.repeat(64 * 1024));
});

test('a block that was given back is empty, and one that grew is not kept', () => {
  const pool = new BlockPool();
  const block = pool.take();
  block.append(Buffer.from('left-over'));
  pool.giveBack(block);
  assert.is(pool.take(), block);
  assert.is(block.length, 0);
  block.append(Buffer.alloc(500_000, 'x'), 100_000);
  assert.ok(block.content.equals(Buffer.alloc(400_000, 'x')));
  pool.giveBack(block);
  assert.is.not(pool.take(), block);
});

test.run();
