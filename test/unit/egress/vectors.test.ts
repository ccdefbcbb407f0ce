/** Runs the Python tests of the egress decisions with the host's own Python. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { missingPython, runPython } from './python.ts';

const test = suite('egress decisions', { timeoutMs: 60_000 });

const VECTORS = join(import.meta.dirname, '../../../images/sidecars/egress/vectors.json');
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
if (missingPython !== undefined) {
  test.skip(everyVector, missingPython);
} else {
  test(everyVector, () => {
    const { status, report } = runPython('test_decisions.py');
    assert.is(status, 0, report);
    assert.match(report, new RegExp(`Ran ${count} tests`));
  });
}

test.run();
