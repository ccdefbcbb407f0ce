import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type TimedLine, timedLines } from '../../../lib/operate/logs/timed-lines.ts';
import { suite } from '../../support/suite.ts';

const test = suite('lines of an engine log', { timeoutMs: 60_000 });

const TIME = '2026-01-31T12:00:00.000000001Z';
const PART = 16_384;

async function* chunksOf(...chunks: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function linesOf(chunks: AsyncIterable<Buffer>): Promise<TimedLine[]> {
  const lines: TimedLine[] = [];
  for await (const batch of timedLines(chunks)) lines.push(...batch);
  return lines;
}

test('time and text come apart; a carriage return at the end goes', async () => {
  assert.equal(await linesOf(chunksOf(`${TIME} hello \r\n${TIME} \nno time\n`)), [
    { time: TIME, text: 'hello ', continued: false },
    { time: TIME, text: '', continued: false },
    { time: '', text: 'no time', continued: false },
  ]);
});

test('a last line without its newline is a line', async () => {
  assert.equal(await linesOf(chunksOf(`${TIME} last`)), [{ time: TIME, text: 'last', continued: false }]);
});

test('the parts that the engine makes of a long line are put together', async () => {
  const line = `${TIME} ${'a'.repeat(PART)}${TIME} ${'b'.repeat(PART)}${TIME} c\n`;
  const [only, ...more] = await linesOf(chunksOf(line));
  assert.equal(more, []);
  assert.is(only?.text, `${'a'.repeat(PART)}${'b'.repeat(PART)}c`);
});

test('a time that somebody wrote into a line stays in it', async () => {
  const text = `x ${TIME} y`;
  assert.is((await linesOf(chunksOf(`${TIME} ${text}\n`)))[0]?.text, text);
});

test('a line without end comes in pieces of a bounded length, nothing of it lost', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (let part = 0; part < 400; part += 1) yield Buffer.from(`${TIME} ${'x'.repeat(PART)}`);
    yield Buffer.from(`\n${TIME} after\n`);
  }
  const lines = await linesOf(endless());
  const pieces = lines.slice(0, -1);
  assert.ok(pieces.every(({ text }) => text.length <= 4 * PART));
  assert.is(pieces.map(({ text }) => text).join(''), 'x'.repeat(400 * PART));
  assert.ok(pieces.slice(1).every(({ continued, time }) => continued && time === TIME));
  assert.equal(lines.at(-1), { time: TIME, text: 'after', continued: false });
});

test('how the bytes were cut on their way makes no difference', async () => {
  const line = fc.stringMatching(/^[ a-zé\u{1f600}]{0,40}$/u).map((text) => `${TIME} ${text}\n`);
  const property = fc.asyncProperty(fc.array(line), fc.array(fc.nat(50)), async (lines, cuts) => {
    const whole = Buffer.from(lines.join(''));
    const pieces: Buffer[] = [];
    let at = 0;
    for (const cut of cuts) {
      pieces.push(whole.subarray(at, at + cut));
      at += cut;
    }
    pieces.push(whole.subarray(at));
    assert.equal(await linesOf(chunksOf(...pieces)), await linesOf(chunksOf(whole)));
  });
  await fc.assert(property, { numRuns: 200 });
});

test.run();
