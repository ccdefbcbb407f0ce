/** The vectors of egress (images/sidecars/egress/vectors.json), judged by explain's own copy of the rules. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  type EgressRequest,
  type EgressVerdict,
  egressPolicy,
  judge,
  judgeConnect,
  PolicyError,
} from '../../../lib/explain/egress/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('explain on the vectors of egress');

type Expected = Readonly<Record<string, unknown>>;

interface RequestVector {
  readonly name: string;
  readonly request: Partial<EgressRequest>;
  readonly filled?: readonly number[];
  readonly used?: Readonly<Record<string, number>>;
  readonly verdict: Expected;
}

interface Vectors {
  readonly now: string;
  readonly filled: readonly number[];
  readonly routes: unknown;
  readonly defaults: EgressRequest;
  readonly requests: readonly RequestVector[];
  readonly connects: readonly {
    readonly name: string;
    readonly authority: string;
    readonly hosts: readonly string[];
    readonly verdict: Expected;
  }[];
  readonly files: readonly { readonly name: string; readonly file: unknown; readonly error: string | null }[];
}

const FILE = join(import.meta.dirname, '../../../images/sidecars/egress/vectors.json');
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;
const policy = egressPolicy(vectors.routes);
const now = Date.parse(vectors.now);

/** Only what the vector names is compared; `slot` is the one that is injected. */
function compare(verdict: EgressVerdict, expected: Expected): void {
  const actual: Expected = { ...verdict, slot: verdict.inject?.slot ?? null };
  for (const [key, value] of Object.entries(expected)) {
    assert.equal(actual[key], value, `${key}: ${JSON.stringify(verdict)}`);
  }
  assert.ok(verdict.action !== 'refuse' || verdict.reason !== '', 'a refusal says why');
}

for (const { name, request, filled = vectors.filled, used = {}, verdict } of vectors.requests) {
  test(`request: ${name}`, () => {
    const whole = { ...vectors.defaults, ...request };
    compare(judge(policy, whole, { filled: (slot) => filled.includes(slot), now, used }), verdict);
  });
}

for (const { name, authority, hosts, verdict } of vectors.connects) {
  test(`tunnel: ${name}`, () => compare(judgeConnect(policy, authority, hosts, now), verdict));
}

for (const { name, file, error } of vectors.files) {
  test(`file: ${name}`, () => {
    if (error === null) {
      egressPolicy(file);
      return;
    }
    try {
      egressPolicy(file);
    } catch (thrown) {
      assert.instance(thrown, PolicyError);
      assert.is((thrown as PolicyError).place, error, String(thrown));
      return;
    }
    assert.unreachable('the file was accepted');
  });
}

test.run();
