/** What `addOverride`, `addDeletionOverride` and `addJsonPatch` were given, as lowering judges it. */

import { App, Bottle } from 'claude-bottle';
import * as assert from 'uvu/assert';
import type { Finding, OverridePlan } from '../../../lib/plan/index.ts';
import { dottedKeys, jsonPointer, pointerKeys } from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';
import { findingsOf, planOf } from '../rules/definition.ts';

const test = suite('lowering of overrides');

/** The escape hatches past the type checker, as a definition in plain JavaScript would call them. */
interface Loose {
  addOverride(path: unknown, value?: unknown): void;
  addDeletionOverride(path: unknown): void;
  addJsonPatch(...operations: unknown[]): void;
}

function appWith(call: (agent: Loose) => void): App {
  const app = new App();
  call(new Bottle(app, 'demo', { agent: {}, sidecars: {} }).agent as never);
  return app;
}

const found = (call: (agent: Loose) => void): readonly Finding[] => findingsOf(appWith(call));

const overrides = (call: (agent: Loose) => void): readonly OverridePlan[] => planOf(appWith(call)).agent.overrides;

/** The one message that `call` leads to. */
function message(call: (agent: Loose) => void): string {
  const findings = found(call);
  assert.equal(
    findings.map(({ rule, severity, path }) => `${rule} ${severity} ${path}`),
    ['bottles::override-shape error demo/Agent'],
  );
  assert.equal(overrides(call), []);
  return findings[0]?.message ?? '';
}

test('overrides are in the plan by rising force, and in the order of their calls within one kind', () => {
  const kept = overrides((agent) => {
    agent.addJsonPatch({ op: 'remove', path: '/a' }, { op: 'test', path: '/b', value: null });
    agent.addDeletionOverride('c');
    agent.addOverride('d', 1);
    agent.addDeletionOverride('e');
    agent.addOverride('f.g', { h: ['i', true, null, 1.5] });
  });
  assert.equal(JSON.parse(JSON.stringify(kept)), [
    { kind: 'set', path: 'd', value: 1 },
    { kind: 'set', path: 'f.g', value: { h: ['i', true, null, 1.5] } },
    { kind: 'delete', path: 'c' },
    { kind: 'delete', path: 'e' },
    {
      kind: 'patch',
      operations: [
        { op: 'remove', path: '/a' },
        { op: 'test', path: '/b', value: null },
      ],
    },
  ]);
});

test('what was given cannot be changed afterwards', () => {
  const value = { soft: 1 };
  const operation = { op: 'add', path: '/a', value: { b: 1 } };
  const kept = overrides((agent) => {
    agent.addOverride('ulimits.nofile', value);
    agent.addJsonPatch(operation);
    value.soft = 2;
    operation.value.b = 2;
    operation.path = '/c';
  });
  assert.is(
    JSON.stringify(kept),
    '[{"kind":"set","path":"ulimits.nofile","value":{"soft":1}},{"kind":"patch","operations":[{"op":"add","path":"/a","value":{"b":1}}]}]',
  );
});

test('an override after synth throws: it would have no effect', () => {
  const app = new App();
  const { agent } = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  app.node.lock();
  for (const call of [
    () => agent.addOverride('a', 1),
    () => agent.addDeletionOverride('a'),
    () => agent.addJsonPatch({ op: 'remove', path: '/a' }),
  ]) {
    assert.throws(call, /demo\/Agent was changed after app\.synth\(\)/);
  }
});

test('a dotted path has its keys between dots, with a backslash before a dot or a backslash in a key', () => {
  assert.equal(dottedKeys('a'), ['a']);
  assert.equal(dottedKeys('a.b-c.0.-'), ['a', 'b-c', '0', '-']);
  assert.equal(dottedKeys('labels.com\\.example\\.team'), ['labels', 'com.example.team']);
  assert.equal(dottedKeys('a\\\\.b'), ['a\\', 'b']);
  assert.equal(dottedKeys('a\nb.ü'), ['a\nb', 'ü']);
  for (const bad of ['', '.', 'a.', '.a', 'a..b', 'a\\', 'a\\b', '\\']) assert.is(dottedKeys(bad), undefined, bad);
});

test('a JSON pointer is read as RFC 6901 says, and written back the same', () => {
  for (const pointer of ['', '/a', '/a/b/0/-', '/a~1b/~0c', '/', '//', '/ /%/^']) {
    assert.is(jsonPointer(pointerKeys(pointer) ?? ['?']), pointer);
  }
  assert.equal(pointerKeys('/a~1b/m~0n/~01'), ['a/b', 'm~n', '~1']);
  for (const bad of ['a', 'a/b', '/~', '/a~2', '#/a']) assert.is(pointerKeys(bad), undefined, bad);
});

test('a malformed path is a finding that names it, what is allowed and what to write', () => {
  for (const path of ['', 'a..b', '.a', 'a.', 'a\\x', 7, null, undefined, ['a']]) {
    assert.match(
      message((agent) => agent.addOverride(path, 1)),
      /^the path .*of addOverride .*allowed: keys of the rendered service in dots/,
    );
    assert.match(
      message((agent) => agent.addDeletionOverride(path)),
      /^the path .*of addDeletionOverride /,
    );
  }
  const [finding] = found((agent) => agent.addOverride('a..b', 1));
  assert.match(finding?.message ?? '', /the path 'a\.\.b' of addOverride is malformed/);
  assert.is(finding?.fix, "write the path as in addOverride('ulimits.nofile')");
});

test('names of JavaScript’s own are refused in paths, pointers and values: they would reach every object', () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'toString', '__defineSetter__']) {
    const own = new RegExp(`'${name}', which is JavaScript's own`);
    assert.match(
      message((agent) => agent.addOverride(`a.${name}.b`, 1)),
      own,
    );
    assert.match(
      message((agent) => agent.addDeletionOverride(name)),
      own,
    );
    assert.match(
      message((agent) => agent.addJsonPatch({ op: 'add', path: `/a/${name}`, value: 1 })),
      own,
    );
    assert.match(
      message((agent) => agent.addJsonPatch({ op: 'copy', path: '/a', from: `/${name}/a` })),
      own,
    );
    const value: unknown = JSON.parse(`{"a":[{"${name}":{"polluted":true}}]}`);
    assert.match(
      message((agent) => agent.addOverride('x', value)),
      own,
    );
    assert.match(
      message((agent) => agent.addJsonPatch({ op: 'add', path: '/x', value })),
      own,
    );
  }
  assert.is(({} as Record<string, unknown>)['polluted'], undefined);
});

class Limit {
  readonly soft = 1;
}

const cycle: Record<string, unknown> = { list: [] };
(cycle['list'] as unknown[]).push(cycle);

const NOT_PLAIN: readonly (readonly [unknown, RegExp])[] = [
  [() => 1, /holds a function at '\/in\/0'/],
  [Symbol('x'), /a symbol/],
  [10n, /a bigint/],
  [undefined, /undefined/],
  [Number.NaN, /the number NaN/],
  [Number.POSITIVE_INFINITY, /the number Infinity/],
  [new Limit(), /an instance of Limit/],
  [new Date(0), /an instance of Date/],
  [new Map([['a', 1]]), /an instance of Map/],
  [cycle, /an object that holds itself/],
  // A hole, as in [1, , 2].
  [Array(2), /undefined/],
];

test('a value that is no plain data is a finding that says what it is and where, and never what it holds', () => {
  for (const [value, what] of NOT_PLAIN) {
    const inside = { in: [value] };
    assert.match(
      message((agent) => agent.addOverride('x', inside)),
      /^the value of addOverride\('x', …\) is or holds /,
    );
    assert.match(
      message((agent) => agent.addOverride('x', inside)),
      what,
    );
    assert.match(
      message((agent) => agent.addJsonPatch({ op: 'replace', path: '/x', value: inside })),
      what,
    );
  }
  assert.match(
    message((agent) => agent.addOverride('x', cycle)),
    /an object that holds itself at '\/list\/0'/,
  );
  const secret = message((agent) => agent.addOverride('x', { password: 'hunter2', when: new Date(0) }));
  assert.not.match(secret, /hunter2/);
});

test('undefined is no value, and the finding names what removes a key', () => {
  const [finding] = found((agent) => agent.addOverride('cpus', undefined));
  assert.match(finding?.message ?? '', /addOverride\('cpus', …\) is undefined/);
  assert.match(finding?.fix ?? '', /addDeletionOverride/);
});

test('a value that would fill the disk is refused', () => {
  let many: unknown = 'x';
  for (let level = 0; level < 12; level += 1) many = [many, many, many, many];
  assert.match(
    message((agent) => agent.addOverride('x', many)),
    /more than 10000 values/,
  );
  let deep: unknown = 'x';
  for (let level = 0; level < 100; level += 1) deep = [deep];
  assert.match(
    message((agent) => agent.addOverride('x', deep)),
    /more than 32 levels/,
  );
});

test('one value in two places is no cycle', () => {
  const shared = { soft: 1 };
  assert.equal(
    found((agent) => agent.addOverride('ulimits', { nofile: shared, nproc: shared })),
    [],
  );
});

const BAD_OPERATIONS: readonly (readonly [unknown, RegExp])[] = [
  [null, /operation 1 of addJsonPatch is null; allowed: objects such as/],
  [[{ op: 'remove', path: '/a' }], /operation 1 of addJsonPatch is a list/],
  ['remove', /is a text/],
  [{}, /`op` of operation 1 of addJsonPatch is undefined; allowed: add, remove, replace, move, copy and test/],
  [{ op: 'delete', path: '/a' }, /`op` of operation 1 of addJsonPatch is 'delete'/],
  [{ op: 'toString', path: '/a' }, /is 'toString'/],
  [{ op: 'remove' }, /`path` of operation 1 of addJsonPatch is undefined; allowed: a JSON pointer/],
  [{ op: 'remove', path: 'a' }, /`path` of operation 1 of addJsonPatch is 'a'; allowed: a JSON pointer/],
  [{ op: 'remove', path: '/a~2' }, /is '\/a~2'/],
  [{ op: 'replace', path: '', value: {} }, /`path` of operation 1 of addJsonPatch is the whole service/],
  [{ op: 'move', path: '/a' }, /`from` of operation 1 of addJsonPatch is undefined/],
  [{ op: 'copy', path: '/a', from: '' }, /`from` of operation 1 of addJsonPatch is the whole service/],
  [{ op: 'move', path: '/a/b', from: '/a' }, /moves '\/a' into itself/],
  [{ op: 'add', path: '/a' }, /has no `value`/],
  [{ op: 'test', path: '/a', value: undefined }, /has no `value`/],
  [{ op: 'remove', path: '/a', value: 1 }, /has the member 'value'; allowed for 'remove': op and path/],
  [{ op: 'add', path: '/a', valeu: 1 }, /has the member 'valeu'/],
];

test('a malformed operation is a finding that names its number and what is allowed', () => {
  for (const [operation, what] of BAD_OPERATIONS)
    assert.match(
      message((agent) => agent.addJsonPatch(operation)),
      what,
    );
});

test('a patch with one bad operation is left out whole, and each bad one is reported', () => {
  const call = (agent: Loose): void =>
    agent.addJsonPatch({ op: 'remove', path: '/a' }, { op: 'x', path: '/b' }, { op: 'remove', path: 'c' });
  assert.equal(
    found(call).map(({ message: text }) => /operation \d/.exec(text)?.[0]),
    ['operation 2', 'operation 3'],
  );
  assert.equal(overrides(call), []);
});

test('a patch of no operations says nothing', () => {
  assert.equal(
    found((agent) => agent.addJsonPatch()),
    [],
  );
  assert.equal(
    overrides((agent) => agent.addJsonPatch()),
    [],
  );
});

test('a finding about an override is at the line of its call', () => {
  const line = Number(/:(\d+):\d+\)?$/.exec((new Error().stack ?? '').split('\n')[1] ?? '')?.[1]);
  const [first, second] = found((agent) => {
    agent.addOverride('', 1);
    agent.addJsonPatch({ op: 'x' });
  });
  assert.equal(first?.location, { file: 'test/unit/plan/overrides.test.ts', line: line + 2 });
  assert.equal(second?.location, { file: 'test/unit/plan/overrides.test.ts', line: line + 3 });
});

test('no message shows a credential that stands in a path', () => {
  const token = `ghp_${'a'.repeat(36)}`;
  const texts = [
    message((agent) => agent.addOverride(`a..${token}`, 1)),
    message((agent) => agent.addJsonPatch({ op: 'remove', path: token })),
  ];
  for (const text of texts) assert.not.match(text, /ghp_a/);
});

test.run();
