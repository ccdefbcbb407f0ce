/** What overrides make of a rendered service. */

import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { ComposeService, JsonPatchOperation, OverridePlan } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { patch, problem, remove, set, withAgent, withSidecars } from './overridden.ts';

const test = suite('overrides of rendered services');

const agentOf = (...overrides: OverridePlan[]): ComposeService =>
  renderedBottle(withAgent(overrides)).compose.services['agent'] ?? {};

const digestOf = (service: ComposeService | undefined): unknown =>
  (service?.['labels'] as Record<string, unknown> | undefined)?.['claude-bottle.digest'];

test('without overrides both documents are one and the same', () => {
  const { compose, plain, effects } = renderedBottle(fullMatrix());
  assert.is(compose, plain);
  assert.equal(effects, []);
});

test('an override is in the written file and in `compose`, and not in `plain`', () => {
  const { compose, plain, files } = renderedBottle(withAgent([set('shm_size', '1g')]));
  const written = parse(files['compose.yaml'] ?? '') as typeof compose;
  assert.is(compose.services['agent']?.['shm_size'], '1g');
  assert.is(written.services['agent']?.['shm_size'], '1g');
  assert.not.ok('shm_size' in (plain.services['agent'] ?? {}));
  assert.equal({ ...compose, services: undefined }, { ...plain, services: undefined });
});

test('objects that are missing on the way are made', () => {
  assert.equal(agentOf(set('ulimits.nofile.soft', 1024), set('ulimits.nofile.hard', 2048))['ulimits'], {
    nofile: { soft: 1024, hard: 2048 },
  });
});

test('a place of a list is its index, and `-` is behind its last', () => {
  const { environment } = planService();
  const changed = agentOf(
    set('environment.-', 'A=1'),
    set('environment.-', 'B=2'),
    set('environment.0', 'EDITOR=nano'),
  );
  assert.equal(changed['environment'], ['EDITOR=nano', ...environment.slice(1), 'A=1', 'B=2']);
});

interface Known {
  readonly environment: readonly string[];
  readonly volumes: readonly object[];
  readonly tmpfs: readonly string[];
}

const planService = (): Known => renderedBottle(planWith([])).plain.services['agent'] as unknown as Known;

test('a key that is not missing is replaced, a list whole', () => {
  assert.equal(agentOf(set('tmpfs', ['/tmp:size=1g']))['tmpfs'], ['/tmp:size=1g']);
});

test('a dollar sign in a value is a dollar sign: an override brings no variable of the host into a container', () => {
  const changed = agentOf(
    set('stop_signal', '$SIGNAL'),
    set('x-list', [{ deep: '${GH_TOKEN}' }]),
    patch({ op: 'add', path: '/x-patched', value: '$$' }, { op: 'test', path: '/x-patched', value: '$$' }),
  );
  assert.is(changed['stop_signal'], '$$SIGNAL');
  assert.equal(changed['x-list'], [{ deep: '$${GH_TOKEN}' }]);
  assert.is(changed['x-patched'], '$$$$');
});

test('a deletion removes a key, and an element of a list with its place', () => {
  const { tmpfs } = planService();
  assert.not.ok('cpus' in agentOf(set('cpus', 2), remove('cpus')));
  assert.equal(agentOf(remove('tmpfs.0'))['tmpfs'], tmpfs.slice(1));
});

test('what was made on the way to a value goes with the value, what somebody asked for stays', () => {
  assert.equal(agentOf(set('a.b.c', 1), remove('a.b.c')), agentOf());
  assert.equal(agentOf(set('a.b.c', 1), set('a.d', 1), remove('a.b.c'))['a'], { d: 1 });
  assert.equal(agentOf(set('a', {}), set('a.b', 1), remove('a.b'))['a'], {});
  assert.equal(agentOf(set('a.b', 1), set('a', { b: {} }), set('a.b.c', 1), remove('a.b.c'))['a'], { b: {} });
});

test('a deletion of what is not there changes nothing and says nothing', () => {
  const overrides = ['nothing', 'a.b', 'user.name.x', 'tmpfs.99', 'tmpfs.-', 'tmpfs.x'].map(remove);
  const { compose, plain, effects } = renderedBottle(withAgent(overrides));
  assert.equal(compose, plain);
  assert.equal(
    effects.map(({ pointers, problem: none }) => [pointers, none]),
    overrides.map(() => [[], undefined]),
  );
});

test('a value that does not fit is a problem that names the place, and changes nothing', () => {
  assert.match(
    problem(set('environment.PAGER', 'less')),
    /addOverride\('environment\.PAGER'\) does not fit the service 'agent': 'environment' is a list, whose places are 0 to \d+, and - behind its last/,
  );
  assert.match(problem(set('tmpfs.3', 'x')), /'tmpfs' is a list, whose places are 0 to 1, and - behind its last/);
  assert.match(problem(set('tmpfs.01', 'x')), /is a list/);
  assert.match(problem(set('read_only.now', 1)), /'read_only' is true, which holds nothing/);
  assert.match(problem(set('networks.internal.aliases', [])), /'networks\.internal' is null, which holds nothing/);
  assert.match(problem(set('x', []), set('x.1', 1)), /'x' is a list, whose places are none, and - behind its last/);
});

test('every operation of a patch does what RFC 6902 says', () => {
  const start = set('x', { list: [1, 2, 3], a: { b: 1 } });
  const result = (...operations: JsonPatchOperation[]): unknown => agentOf(start, patch(...operations))['x'];
  const a = { b: 1 };
  assert.equal(result({ op: 'add', path: '/x/list/1', value: 9 }), { list: [1, 9, 2, 3], a });
  assert.equal(result({ op: 'add', path: '/x/list/-', value: 9 }), { list: [1, 2, 3, 9], a });
  assert.equal(result({ op: 'add', path: '/x/a', value: null }), { list: [1, 2, 3], a: null });
  assert.equal(result({ op: 'remove', path: '/x/list/0' }), { list: [2, 3], a });
  assert.equal(result({ op: 'replace', path: '/x/a/b', value: 2 }), { list: [1, 2, 3], a: { b: 2 } });
  assert.equal(result({ op: 'move', from: '/x/a/b', path: '/x/c' }), { list: [1, 2, 3], a: {}, c: 1 });
  assert.equal(result({ op: 'move', from: '/x/list/0', path: '/x/list/2' }), { list: [2, 3, 1], a });
  assert.equal(result({ op: 'copy', from: '/x/a', path: '/x/list/0' }), { list: [a, 1, 2, 3], a });
  assert.equal(result({ op: 'test', path: '/x/a', value: { b: 1 } }, { op: 'remove', path: '/x/a' }), {
    list: [1, 2, 3],
  });
});

test('a copy is a copy', () => {
  const operations: JsonPatchOperation[] = [
    { op: 'copy', from: '/x', path: '/y' },
    { op: 'add', path: '/y/a', value: 2 },
  ];
  const { x, y } = agentOf(set('x', { a: 1 }), patch(...operations));
  assert.equal([x, y], [{ a: 1 }, { a: 2 }]);
});

const MISFITS: readonly (readonly [JsonPatchOperation, RegExp])[] = [
  [{ op: 'remove', path: '/nothing' }, /\(remove '\/nothing'\): there is no 'nothing'/],
  [{ op: 'replace', path: '/nothing', value: 1 }, /there is no 'nothing'/],
  [{ op: 'test', path: '/nothing', value: null }, /there is no 'nothing'/],
  [{ op: 'add', path: '/nothing/a', value: 1 }, /there is no 'nothing'/],
  [{ op: 'add', path: '/tmpfs/9', value: 'x' }, /'tmpfs' is a list/],
  [{ op: 'add', path: '/tmpfs/', value: 'x' }, /'tmpfs' is a list/],
  [{ op: 'add', path: '/tmpfs/00', value: 'x' }, /'tmpfs' is a list/],
  [{ op: 'remove', path: '/tmpfs/-' }, /there is no 'tmpfs\.2'/],
  [{ op: 'move', from: '/tmpfs/0', path: '/tmpfs/2' }, /'tmpfs' is a list, whose places are 0,/],
  [{ op: 'copy', from: '/nothing', path: '/a' }, /there is no 'nothing'/],
  [{ op: 'copy', from: '/tmpfs/0', path: '/tmpfs/9' }, /'tmpfs' is a list/],
  [{ op: 'add', path: '/read_only/a', value: 1 }, /'read_only' is true/],
  [{ op: 'test', path: '/read_only', value: false }, /the value there is another one/],
  [{ op: 'test', path: '/tmpfs', value: ['/tmp'] }, /the value there is another one/],
];

test('a patch of which one operation does not fit is not applied at all, and says which one and why', () => {
  for (const [operation, why] of MISFITS) {
    const text = problem(
      patch({ op: 'add', path: '/before', value: 1 }, operation, { op: 'add', path: '/x', value: 1 }),
    );
    assert.match(text, /^the patch does not fit the service 'agent': operation 2 /);
    assert.match(text, why);
  }
});

test('no problem shows a value', () => {
  const secret = 'hunter2-hunter2';
  assert.not.match(problem(patch({ op: 'test', path: '/user', value: secret })), /hunter2/);
  assert.not.match(problem(patch({ op: 'test', path: '/stop_grace_period', value: secret })), /10s|hunter2/);
});

test('an override that fails leaves those before and after it applied', () => {
  const { compose, effects } = renderedBottle(
    withAgent([set('cpus', 1), set('read_only.x', 1), set('shm_size', '1g')]),
  );
  assert.equal([compose.services['agent']?.['cpus'], compose.services['agent']?.['shm_size']], [1, '1g']);
  assert.equal(
    effects.map(({ problem: why }) => why?.kind),
    [undefined, 'unapplied', undefined],
  );
});

test('the effects name the places that changed, lists by the index that they got', () => {
  const count = planService().environment.length;
  const { effects } = renderedBottle(
    withAgent([
      set('a.b', 1),
      set('environment.-', 'A=1'),
      remove('stop_grace_period'),
      patch(
        { op: 'add', path: '/environment/-', value: 'B=1' },
        { op: 'test', path: '/a/b', value: 1 },
        { op: 'move', from: '/a/b', path: '/x~1y' },
      ),
    ]),
  );
  const root = '/services/agent';
  assert.equal(
    effects.map(({ pointers }) => pointers),
    [
      [`${root}/a/b`],
      [`${root}/environment/${count}`],
      [`${root}/stop_grace_period`],
      [`${root}/environment/${count + 1}`, `${root}/a/b`, `${root}/x~1y`],
    ],
  );
});

test('overrides come before labels and digest: the digest covers the overridden service', () => {
  const plain = renderedBottle(planWith([])).compose.services;
  const changed = renderedBottle(withAgent([set('shm_size', '1g')])).compose.services;
  assert.match(String(digestOf(changed['agent'])), /^[0-9a-f]{64}$/);
  assert.is.not(digestOf(changed['agent']), digestOf(plain['agent']));
  assert.is(digestOf(changed['sidecars']), digestOf(plain['sidecars']));
  assert.equal(Object.keys(changed['agent'] ?? {}).at(-1), 'labels');
});

test('overrides of the bundle change the bundle, and in the split shape the service of every daemon', () => {
  const overrides = [set('ulimits.nofile', 4096)];
  const bundle = renderedBottle(withSidecars(overrides, fullMatrix())).compose.services;
  assert.equal(bundle['sidecars']?.['ulimits'], { nofile: 4096 });
  assert.is(bundle['agent']?.['ulimits'], undefined);
  const full = fullMatrix();
  const split = { ...full, sidecars: { ...full.sidecars, shape: 'split' as const } };
  const { compose, effects } = renderedBottle(withSidecars(overrides, split));
  const { agent, ...daemons } = compose.services;
  assert.equal(Object.keys(daemons), ['egress', 'pipelock', 'git-gate', 'supervise']);
  for (const service of Object.values(daemons)) assert.equal(service['ulimits'], { nofile: 4096 });
  assert.is(agent?.['ulimits'], undefined);
  assert.equal(
    effects.map(({ service }) => service),
    Object.keys(daemons),
  );
});

test('services share nothing of an override’s value', () => {
  const full = fullMatrix();
  const split = { ...full, sidecars: { ...full.sidecars, shape: 'split' as const } };
  const value = { nofile: { soft: 1 } };
  const { services } = renderedBottle(withSidecars([set('ulimits', value)], split)).compose;
  assert.is.not(services['egress']?.['ulimits'], services['pipelock']?.['ulimits']);
  assert.not.match(renderedBottle(withSidecars([set('ulimits', value)], split)).files['compose.yaml'] ?? '', /&|\*/);
});

test.run();
