/** One plan, both renderers, daemon by daemon: environment, files, ports, users, limits. */

import * as assert from 'uvu/assert';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { DAEMON_SUBSETS, exposed, planWith, subsetName } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { composeFacts } from './parity-compose.ts';
import { DIFFERENCES } from './parity-differences.ts';
import type { Facts } from './parity-facts.ts';
import { kubernetesFacts } from './parity-kubernetes.ts';
import { everything } from './plans.ts';

const test = suite('parity of compose and Kubernetes');

function differing(compose: Facts, kubernetes: Facts): readonly string[] {
  return [...new Set([...Object.keys(compose), ...Object.keys(kubernetes)])].filter(
    (fact) => compose[fact] !== kubernetes[fact],
  );
}

const differences = (plan: BottlePlan): readonly string[] => differing(composeFacts(plan), kubernetesFacts(plan));

const PLANS: readonly (readonly [string, BottlePlan])[] = [
  ...DAEMON_SUBSETS.map((subset) => [subsetName(subset), planWith(subset)] as const),
  ['an exposed pipelock', planWith(['egress'], exposed(['egress']))],
  ['everything', everything()],
];

for (const [name, plan] of PLANS) {
  test(`with ${name}, whatever differs has a reason`, () => {
    const compose = composeFacts(plan);
    const kubernetes = kubernetesFacts(plan);
    assert.ok(Object.keys(compose).length > 50, 'there is something to compare');
    const unexplained = differing(compose, kubernetes).filter(
      (fact) => !DIFFERENCES.some((one) => one.fact.test(fact)),
    );
    assert.equal(
      unexplained.map((fact) => `${fact}: compose ${compose[fact]}, Kubernetes ${kubernetes[fact]}`),
      [],
    );
  });
}

test('every reason is still about a difference, and every fact has one reason', () => {
  const all = [...new Set(PLANS.flatMap(([, plan]) => differences(plan)))];
  for (const { fact } of DIFFERENCES)
    assert.ok(
      all.some((one) => fact.test(one)),
      String(fact),
    );
  for (const one of all) assert.is(DIFFERENCES.filter(({ fact }) => fact.test(one)).length, 1, one);
});

test('the configuration of a daemon differs by its listen address alone', () => {
  for (const [name, plan] of PLANS) {
    const compose = composeFacts(plan);
    const kubernetes = kubernetesFacts(plan);
    for (const fact of differing(compose, kubernetes).filter((one) => / file \/etc\/(?!claude-bottle\/)/.test(one))) {
      const lines = (text = ''): readonly string[] => text.split('\n');
      const changed = lines(compose[fact]).filter((line, index) => line !== lines(kubernetes[fact])[index]);
      assert.is(lines(compose[fact]).length, lines(kubernetes[fact]).length, `${name} ${fact}`);
      assert.is(changed.length, 1, `${name} ${fact}`);
      assert.match(changed[0] ?? '', /^\s*"?listen"?: /);
    }
  }
});

test('a variable, a file, a port, a user or a limit that only one of them has is seen', () => {
  const plan = everything();
  const compose = composeFacts(plan);
  for (const fact of [
    'agent env PRICE',
    'egress env TZ',
    'git-gate file /etc/git-gate/known_hosts',
    'egress agent dials it',
    'pipelock memory',
    'agent cpus',
    'agent working directory',
    'supervise health',
    'pipelock read-only root',
    'egress mount /etc/claude-bottle/trust',
  ]) {
    const { [fact]: _, ...without } = kubernetesFacts(plan);
    assert.ok(compose[fact], fact);
    assert.ok(differing(compose, without).includes(fact), fact);
    assert.not.ok(differences(plan).includes(fact), fact);
  }
});

test.run();
