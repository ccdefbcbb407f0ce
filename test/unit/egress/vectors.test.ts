/** Runs the Python tests of the egress decisions with the host's own Python. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';

const test = suite('egress decisions', { timeoutMs: 60_000 });

const VECTORS = join(import.meta.dirname, '../../../images/sidecars/egress/vectors.json');
const SCRIPT = join(import.meta.dirname, 'test_decisions.py');

const modern = ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))'];
const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, modern).status === 0);

interface Vectors {
  readonly requests: readonly { readonly name: string; readonly verdict: { readonly rule: string } }[];
  readonly bodies: readonly unknown[];
  readonly connects: readonly unknown[];
  readonly files: readonly unknown[];
}

const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors;
const count = vectors.requests.length + vectors.bodies.length + vectors.connects.length + vectors.files.length;

test('the vectors cover every rule of the verdict', () => {
  const seen = new Set(vectors.requests.map(({ verdict }) => verdict.rule));
  const rules = [
    'magic-host',
    'git-push',
    'authority',
    'route',
    'method',
    'path',
    'plain-http',
    'trace',
    'upgrade',
    'token',
  ];
  assert.equal(
    rules.filter((rule) => !seen.has(rule)),
    [],
  );
  assert.ok(count >= 120, `${count} vectors`);
});

const everyVector = 'the Python decisions agree with every vector';
if (python === undefined) {
  test.skip(everyVector, 'no python3 of version 3.9 or later on this machine');
} else {
  test(everyVector, () => {
    const run = spawnSync(python, [SCRIPT], { encoding: 'utf8' });
    assert.is(run.status, 0, run.stderr);
    assert.match(run.stderr, new RegExp(`Ran ${count} tests`));
  });
}

test.run();
