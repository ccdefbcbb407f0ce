import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Manifest } from '../../../lib/assembly/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import { createDocker, type Docker } from '../../../lib/operate/index.ts';
import { bottleState, deployedBottle, deployedBottles, listedBottles } from '../../../lib/operate/list/index.ts';
import { suite } from '../../support/suite.ts';
import { environmentWith, type FakeDocker, fakeDocker } from '../deploy/fake-docker.ts';
import { inspected, type Seen, savedRecord } from './found.ts';

const test = suite('the bottles of a home', { timeoutMs: 30_000 });

const cleanups: (() => void)[] = [];
test.after(() => {
  for (const cleanup of cleanups) cleanup();
});

interface Home {
  readonly home: string;
  readonly docker: Docker;
  readonly fake: FakeDocker;
}

/** A home with `records` by slug, beside an engine with `containers`. */
function home(records: Readonly<Record<string, object>>, containers: (states: string) => readonly Seen[]): Home {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'operator-home-')));
  const states = join(directory, 'state');
  for (const [slug, record] of Object.entries(records)) {
    mkdirSync(join(states, slug), { recursive: true });
    writeFileSync(join(states, slug, 'deployed.json'), JSON.stringify(savedRecord({ slug, ...record })));
  }
  const seen = containers(states);
  const fake = fakeDocker([
    { call: '"ps --all"*', stdout: seen.map(({ name }) => `${name}\n`).join('') },
    { call: '"container inspect"*', stdout: seen.map(inspected).join('') },
  ]);
  cleanups.push(() => {
    fake.remove();
    rmSync(directory, { recursive: true, force: true });
  });
  return { home: directory, docker: createDocker({ env: environmentWith(fake) }), fake };
}

const pair = (slug: string, states: string, more: Partial<Seen> = {}): readonly Seen[] => [
  {
    name: `claude-bottle-sidecars-${slug}`,
    service: 'sidecars',
    slug,
    stateDir: join(states, slug),
    health: 'healthy',
    ...more,
  },
  { name: `claude-bottle-${slug}`, service: 'agent', slug, stateDir: join(states, slug), ...more },
];

/** No skill is on this host. */
const NONE = (): undefined => undefined;

const manifest = (bottles: Readonly<Record<string, Readonly<Record<string, string>>>>, app = 'app'): Manifest =>
  ({
    version: 1,
    app,
    bottles: Object.fromEntries(
      Object.entries(bottles).map(([slug, files]) => [
        slug,
        { files, shape: 'bundle', requires: { answers: [], skills: [] } },
      ]),
    ),
  }) as unknown as Manifest;

test('what is declared is joined with what runs: running, changed, not deployed, no longer defined', async () => {
  const h = home(
    { demo: { assembly: { 'a.yaml': '1', 'b.yaml': '2' } }, same: { assembly: { 'a.yaml': '1' } }, old: {} },
    (states) => [...pair('demo', states), ...pair('same', states), ...pair('old', states)],
  );
  const found = await deployedBottles(h.docker, h.home);
  const declared = manifest({ demo: { 'a.yaml': '9', 'c.yaml': '3' }, same: { 'a.yaml': '1' }, fresh: {} });
  const listed = listedBottles(found, declared, NONE);
  assert.equal(
    listed.map(({ slug, state, defined, changed }) => ({ slug, state, defined, changed })),
    [
      { slug: 'demo', state: 'healthy', defined: true, changed: ['a.yaml', 'b.yaml', 'c.yaml'] },
      { slug: 'fresh', state: 'not deployed', defined: true, changed: null },
      { slug: 'old', state: 'healthy', defined: false, changed: null },
      { slug: 'same', state: 'healthy', defined: true, changed: [] },
    ],
  );
});

test('a reworded question and a skill that is not as it was copied are changes, though no file is another', async () => {
  const answers = (...questions: string[]) =>
    questions.map((question, index) => ({ owner: 'agent', name: `ASKED_${index}`, question }));
  const skills = (...names: string[]) => names.map((name) => ({ name, source: `skills/${name}` }));
  const record = {
    answers: answers('Which editor?', 'Which pager?'),
    skills: { review: 'aa', style: 'bb', gone: 'cc' },
  };
  const h = home({ demo: record }, (states) => pair('demo', states));
  const found = await deployedBottles(h.docker, h.home);
  const listed = (requires: object, digests: Readonly<Record<string, string>>) =>
    listedBottles(
      found,
      { version: 1, app: 'app', bottles: { demo: { files: {}, shape: 'bundle', requires } } } as unknown as Manifest,
      (source) => digests[source],
    )[0];
  const same = listed(
    { answers: answers('Which editor?', 'Which pager?'), skills: skills('review', 'style', 'gone') },
    { 'skills/review': 'aa', 'skills/style': 'bb', 'skills/gone': 'cc' },
  );
  assert.equal([same?.changed, same?.changedInputs], [[], []]);
  const other = listed(
    { answers: answers('Which editor?', 'Which pager, please?'), skills: skills('review', 'style', 'new') },
    { 'skills/review': 'aa', 'skills/style': 'b2', 'skills/new': 'dd' },
  );
  assert.equal(
    [other?.changed, other?.changedInputs],
    [[], ['question ASKED_1', 'skill gone', 'skill new', 'skill style']],
  );
});

test('without a definition nothing is said of what is defined', async () => {
  const h = home({ demo: {} }, (states) => pair('demo', states));
  const [only] = listedBottles(await deployedBottles(h.docker, h.home), undefined, NONE);
  assert.equal([only?.defined, only?.changed, only?.scanner, only?.shape], [null, null, 'builtin', 'bundle']);
});

test('a bottle of another app with a name that is declared is not taken for ours', async () => {
  const h = home({ demo: { app: 'other' } }, (states) => pair('demo', states, { app: 'other' }));
  const listed = listedBottles(await deployedBottles(h.docker, h.home), manifest({ demo: {} }), NONE);
  assert.equal(
    listed.map(({ slug, app, defined, state }) => [slug, app, defined, state]),
    [
      ['demo', 'other', null, 'healthy'],
      ['demo', 'app', true, 'not deployed'],
    ],
  );
});

test('containers that carry the labels of another home or app are not ours', async () => {
  const h = home({ demo: {} }, (states) => [
    ...pair('demo', '/somewhere/else/state'),
    ...pair('demo', states, { app: 'other' }),
    ...pair('foreign', '/somewhere/else/state'),
  ]);
  const found = await deployedBottles(h.docker, h.home);
  assert.equal(
    found.map(({ slug, containers }) => [slug, containers.size]),
    [['demo', 0]],
  );
});

test('containers whose record is gone are found by their labels', async () => {
  const h = home({}, (states) => pair('demo', states));
  const [only] = await deployedBottles(h.docker, h.home);
  assert.equal([only?.slug, only?.app, only?.record, only?.containers.size], ['demo', 'app', undefined, 2]);
});

test('a slug that nothing carries names the nearest, and what is no slug reaches no command', async () => {
  const h = home({ demo: {} }, (states) => pair('demo', states));
  const error = await deployedBottle(h.docker, h.home, 'deno').catch((reason: unknown) => reason);
  assert.ok(error instanceof BottleError);
  assert.is(error.exitCode, 2);
  assert.match(error.fix ?? '', /did you mean demo\?/);
  const calls = h.fake.calls().length;
  for (const bad of ['../demo', '-a', '', 'a b', 'A', '$(id)', 'a\n']) {
    const refused = await deployedBottle(h.docker, h.home, bad).catch((reason: unknown) => reason);
    assert.is(refused instanceof BottleError ? refused.code : refused, 'usage/unknown-bottle', bad);
  }
  assert.is(h.fake.calls().length, calls);
});

test('the state of a bottle is that of all its containers, in either shape', async () => {
  const split = { shape: 'split', daemons: ['pipelock', 'egress'] };
  const one = (service: string, states: string, more: Partial<Seen> = {}): Seen => ({
    name: `claude-bottle-${service}-s`,
    service,
    slug: 's',
    stateDir: join(states, 's'),
    ...(service === 'agent' ? {} : { health: 'healthy' }),
    ...more,
  });
  const cases: readonly (readonly [string, (states: string) => readonly Seen[], object])[] = [
    ['healthy', (states) => pair('s', states), {}],
    ['running', (states) => pair('s', states, { health: 'starting' }), {}],
    ['unhealthy', (states) => pair('s', states, { health: 'unhealthy' }), {}],
    ['partial', (states) => pair('s', states).slice(0, 1), {}],
    ['stopped', (states) => pair('s', states, { status: 'exited' }), {}],
    ['stopped', (states) => pair('s', states, { status: 'paused' }), {}],
    ['stopped', () => [], {}],
    ['healthy', (states) => ['pipelock', 'egress', 'agent'].map((name) => one(name, states)), split],
    ['partial', (states) => ['pipelock', 'agent'].map((name) => one(name, states)), split],
    [
      'partial',
      (states) => [one('pipelock', states), one('egress', states), one('agent', states, { status: 'restarting' })],
      split,
    ],
    [
      'unhealthy',
      (states) => [one('pipelock', states), one('egress', states, { health: 'unhealthy' }), one('agent', states)],
      split,
    ],
  ];
  for (const [state, containers, record] of cases) {
    const h = home({ s: record }, containers);
    const [only] = await deployedBottles(h.docker, h.home);
    assert.is(only === undefined ? 'none' : bottleState(only), state);
  }
});

test.run();
