/** A diff against what a real deploy left: it follows each deploy, and foretells it. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadBottle, loadManifest } from '../../lib/deploy/assembly.ts';
import { deployedVersion } from '../../lib/deploy/state/versions.ts';
import { type BottleDiff, diffBottle } from '../../lib/diff/index.ts';
import { suite } from '../support/suite.ts';
import { linesOf } from '../unit/diff/versions.ts';
import { identity, openStage, route, type Stage, withToken } from './deploy/stage.ts';

const test = suite('a diff against what is deployed', { timeoutMs: 600_000 });

const SLUG = `difftest-${randomBytes(3).toString('hex')}`;
const BASE = { slug: SLUG, routes: [route('docs.example.test')] };

const opened: Stage[] = [];
function stage(): Stage {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
}
test.before(async () => {
  opened.push(await openStage());
});
test.after(async () => {
  for (const one of opened) {
    await one.destroy(SLUG, { volumes: true, yes: true });
    one.close();
  }
});

function difference(s: Stage): BottleDiff {
  const output = join(s.project, 'dist');
  return diffBottle(deployedVersion(s.state(SLUG), SLUG)?.version, loadBottle(output, loadManifest(output), SLUG));
}

test('it is empty after a deploy, tells what the next one does, and is empty again', async () => {
  const s = stage();
  s.synth(BASE);
  assert.is(difference(s).status, 'new');
  await s.deploy();
  assert.equal(linesOf(difference(s)), []);

  s.synth({ ...BASE, routes: [route('docs.example.test'), route('api.example.test', withToken)] });
  const told = difference(s);
  const opens = ['+ route: any request to api.example.test with credential DEPLOYTEST_TOKEN'];
  assert.equal(
    linesOf(told).filter((line) => line.startsWith('+ route')),
    opens,
  );
  assert.equal([told.consequences.recreated, told.consequences.endsSession], [['sidecars', 'agent'], true]);
  const dry = await s.deploy({ dryRun: true });
  assert.equal(linesOf({ changes: dry.bottles[0]?.meaning ?? [] }), linesOf(told));

  const before = await identity(`claude-bottle-${SLUG}`);
  await s.deploy();
  assert.is.not(await identity(`claude-bottle-${SLUG}`), before);
  assert.equal(linesOf(difference(s)), []);
  assert.is((await s.deploy()).bottles[0]?.outcome, 'unchanged');

  s.synth({ ...BASE, routes: [route('api.example.test', withToken)] });
  const closes = difference(s);
  assert.equal(linesOf(closes), ['- route: any request to docs.example.test']);
  assert.equal([closes.consequences.recreated, closes.consequences.reloaded], [[], ['egress', 'pipelock']]);
  const ids = [await identity(`claude-bottle-${SLUG}`), await identity(`claude-bottle-sidecars-${SLUG}`)];
  await s.deploy();
  assert.equal([await identity(`claude-bottle-${SLUG}`), await identity(`claude-bottle-sidecars-${SLUG}`)], ids);
  assert.equal(linesOf(difference(s)), []);
});

test.run();
