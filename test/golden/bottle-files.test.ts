import * as assert from 'uvu/assert';
import type { BottlePlan, Daemon } from '../../lib/plan/index.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { matchesGolden } from '../support/golden.ts';
import { DAEMON_SUBSETS, exposed, planWith, subsetName } from '../support/plans.ts';
import { suite } from '../support/suite.ts';

const test = suite('golden bottle files');

const ALL: readonly Daemon[] = ['egress', 'git-gate', 'supervise'];
const EXTERNAL = { egressNetwork: { kind: 'external', name: 'registry' } } as const;

for (const subset of DAEMON_SUBSETS) {
  const name = subsetName(subset);
  test(`a bottle with ${name} renders its golden files`, () => {
    matchesGolden(name, renderBottle(planWith(subset)));
  });
}

/** What the shape changes: the containers, and where each daemon listens. */
const OF_THE_SHAPE = [
  'compose.yaml',
  'egress/routes.yaml',
  'git-gate/git-gate.json',
  'pipelock/pipelock.yaml',
  'supervise/supervise.json',
];

function splitMatches(name: string, daemons: readonly Daemon[], more: Partial<BottlePlan['sidecars']>): void {
  const bundle = renderBottle(planWith(daemons, more));
  const files = Object.entries(renderBottle(planWith(daemons, { ...more, shape: 'split' })));
  const differs = files.filter(([path, text]) => bundle[path] !== text);
  for (const [path] of differs) assert.ok(OF_THE_SHAPE.includes(path), path);
  assert.equal(
    Object.keys(bundle),
    files.map(([path]) => path),
  );
  matchesGolden(`split-${name}`, Object.fromEntries(differs));
}

for (const subset of DAEMON_SUBSETS) {
  test(`split, a bottle with ${subsetName(subset)} renders its golden files, and the agent's as in the bundle`, () => {
    splitMatches(subsetName(subset), subset, {});
  });
}

test('split, with pipelock exposed, a bottle renders its golden files', () => {
  splitMatches('exposed', ['egress'], exposed(['egress']));
});

test('split, on an external network, a bottle renders its golden files', () => {
  splitMatches('external-network', ALL, EXTERNAL);
});

const OVERRIDDEN: Pick<BottlePlan['agent'], 'overrides'> = {
  overrides: [
    { kind: 'set', path: 'ulimits.nofile', value: { soft: 1024, hard: 2048 } },
    { kind: 'set', path: 'environment.-', value: 'PRICE=5$ ${HOME}' },
    { kind: 'set', path: 'labels.com\\.example\\.team', value: 'blue' },
    { kind: 'delete', path: 'stop_grace_period' },
    {
      kind: 'patch',
      operations: [
        { op: 'test', path: '/pids_limit', value: 1024 },
        { op: 'replace', path: '/pids_limit', value: 256 },
      ],
    },
  ],
};

test('a bottle with overrides renders its golden compose file, and no other file than without them', () => {
  const plain = planWith(ALL);
  const plan = { ...plain, labels: { 'com.example.cost': '7' }, agent: { ...plain.agent, ...OVERRIDDEN } };
  const sidecars = { ...plan.sidecars, overrides: [{ kind: 'set', path: 'mem_reservation', value: '64m' } as const] };
  const { 'compose.yaml': compose = '', ...others } = renderBottle({ ...plan, sidecars });
  const { 'compose.yaml': _, ...without } = renderBottle(plain);
  assert.equal(others, without);
  matchesGolden('overrides', { 'compose.yaml': compose });
});

test('what a bottle asks, tells and teaches renders its golden files', () => {
  const plain = planWith([]);
  const files = renderBottle({
    ...plain,
    agent: {
      ...plain.agent,
      env: [{ kind: 'ask', name: 'LANG', question: 'Which?' }],
      skills: [{ name: 'review', source: 'skills/review' }],
      prompt: 'Be kind. $HOME "x"\n',
    },
    sidecars: { ...plain.sidecars, env: [{ kind: 'ask', name: 'LANG', question: 'Which?' }] },
  });
  const own = ['compose.yaml', 'agent/prompt.md'];
  matchesGolden('ask+skills+prompt', Object.fromEntries(Object.entries(files).filter(([path]) => own.includes(path))));
});

test.run();
