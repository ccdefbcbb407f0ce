/** Back-off and crash loops, without a process. */

import * as assert from 'uvu/assert';
import { CrashHistory, RESTART_RULES, restartChoice } from '../../../images/sidecars/init/restart-rules.ts';
import { suite } from '../../support/suite.ts';

const test = suite('init restart rules');

/** A history whose chance takes nothing off. */
const exact = (): CrashHistory => new CrashHistory(RESTART_RULES, () => 0);

test('the delay begins with half a second and doubles up to 30 s', () => {
  const history = exact();
  const delays = Array.from({ length: 9 }, (_, n) => history.crashed(100, n * 40_000).delayMs);
  assert.equal(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('chance takes off at most a fifth of the delay and never adds to it', () => {
  const least = new CrashHistory(RESTART_RULES, () => 0.999_999);
  assert.equal([least.crashed(0, 0).delayMs, least.crashed(0, 1).delayMs], [400, 800]);
  const delays = Array.from({ length: 50 }, () => new CrashHistory(RESTART_RULES).crashed(0, 0).delayMs);
  assert.ok(delays.every((delay) => delay >= 400 && delay <= 500));
  assert.ok(new Set(delays).size > 10);
});

test('a daemon that was up for a minute begins with half a second again, one that was not does not', () => {
  const history = exact();
  for (const at of [0, 100_000, 200_000]) history.crashed(1_000, at);
  assert.is(history.crashed(59_999, 300_000).delayMs, 4_000);
  assert.is(history.crashed(60_000, 400_000).delayMs, 500);
});

test('the fifth crash within a minute begins a crash loop, and only that one', () => {
  const history = exact();
  const begins = [0, 1_000, 2_000, 3_000, 59_000, 59_500].map((at) => history.crashed(0, at).loopBegins);
  assert.equal(begins, [false, false, false, false, true, false]);
  assert.is(history.looping, true);
});

test('five crashes over more than a minute are no crash loop', () => {
  const history = exact();
  for (const at of [0, 20_000, 30_000, 40_000, 60_000]) assert.is(history.crashed(0, at).loopBegins, false);
  assert.is(history.looping, false);
});

test('a crash loop ends when a process has been up for a minute, not before', () => {
  const history = exact();
  for (let n = 0; n < 5; n += 1) history.crashed(0, n);
  assert.is(history.recovered(59_999), false);
  assert.is(history.looping, true);
  assert.is(history.recovered(60_000), true);
  assert.is(history.looping, false);
  assert.is(history.recovered(70_000), false);
  assert.equal(history.crashed(70_000, 80_000), { delayMs: 500, loopBegins: false });
});

test('a million crashes neither grow the delay beyond its limit nor the memory', () => {
  const history = exact();
  let last = 0;
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 1_000_000; n += 1) last = history.crashed(0, n).delayMs;
  assert.is(last, 30_000);
  assert.ok(process.memoryUsage().heapUsed - before < 50_000_000);
});

test('CLAUDE_BOTTLE_INIT_RESTART is always or never; any other word is none', () => {
  for (const word of [undefined, '', 'always']) assert.is(restartChoice(word), RESTART_RULES);
  assert.is(restartChoice('never'), 'never');
  for (const word of ['Never', ' never', 'no', '0', 'false', 'on-failure']) assert.is(restartChoice(word), undefined);
});

test.run();
