import * as assert from 'uvu/assert';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import {
  type KubernetesOptions,
  KubernetesTargetError,
  kubernetesProblems,
  renderKubernetes,
} from '../../../lib/render/kubernetes/index.ts';
import { fullMatrix } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { everything, withAgent, withSidecars } from './plans.ts';
import { containerOf, DIGEST, IMAGES, manifestsOf, podOf } from './rendered.ts';

const test = suite('what the Kubernetes target refuses');

const messages = (plan: BottlePlan, options: KubernetesOptions = { images: IMAGES }): readonly string[] =>
  kubernetesProblems(plan, options).map(({ path, message }) => `${path}: ${message}`);

const reference = (text: string) => ({ image: { kind: 'reference', reference: text } }) as const;

test('a bottle that uses all that there is has no problem', () => {
  assert.equal(messages(fullMatrix()), []);
  assert.equal(messages(everything()), []);
});

test('an image that deploy was to build has to be given', () => {
  assert.equal(messages(fullMatrix(), {}), [
    'demo-abc12/Agent: the image of the agent is built by deploy, and no reference was given for it; allowed: a digest, or a tag other than latest',
    'demo-abc12/Sidecars: the image of the sidecars is built by deploy, and no reference was given for it; allowed: a digest, or a tag other than latest',
  ]);
});

for (const text of [
  'registry.example.com/agent:latest',
  'registry.example.com/agent:LATEST',
  'registry.example.com/agent',
  'registry.example.com:5000/agent',
  `sha256:${DIGEST}`,
]) {
  test(`the image ${text} is refused, declared or given`, () => {
    assert.is(messages(withAgent(fullMatrix(), reference(text)), { images: { sidecars: IMAGES.sidecars } }).length, 1);
    assert.is(messages(fullMatrix(), { images: { ...IMAGES, agent: text } }).length, 1);
  });
}

for (const text of [
  'registry.example.com/agent:1.2',
  'registry.example.com:5000/agent:v1',
  `agent@sha256:${DIGEST}`,
  `agent:latest@sha256:${DIGEST}`,
]) {
  test(`the image ${text} is taken as it is`, () => {
    const plan = withAgent(fullMatrix(), reference(text));
    const pod = podOf(manifestsOf(plan, { images: { sidecars: IMAGES.sidecars } }), 'agent');
    assert.is(containerOf(pod, 'agent').image, text);
  });
}

test('a given image takes the place of a declared one: its digest, say', () => {
  const plan = withAgent(fullMatrix(), reference('registry.example.com/agent:latest'));
  assert.is(containerOf(podOf(manifestsOf(plan), 'agent'), 'agent').image, IMAGES.agent);
});

test('an app that requires digests gets them here, too', () => {
  const plan = { ...fullMatrix(), requireDigests: true as const };
  assert.equal(
    messages(plan).map((text) => text.split(':')[0]),
    ['demo-abc12/Agent'],
  );
  assert.match(messages(plan)[0] ?? '', /has no digest, and the app requires them/);
});

test('nothing of a host is mounted: no bind, and no workspace that lies there', () => {
  const bind = { kind: 'bind', source: 'data', target: '/data', readOnly: true } as const;
  assert.match(messages(withAgent(fullMatrix(), { mounts: [bind] }))[0] ?? '', /bind mount of 'data' at '\/data'/);
  assert.match(messages(withSidecars(fullMatrix(), { mounts: [bind] }))[0] ?? '', /^demo-abc12\/Sidecars: the bind/);
  for (const workspace of [
    { kind: 'copy', hostPath: 'src' },
    { kind: 'bind', hostPath: 'src', readOnly: false },
    { kind: 'bind', hostPath: 'src', readOnly: true },
  ] as const) {
    assert.match(messages(withAgent(fullMatrix(), { workspace }))[0] ?? '', /of the host's 'src'/);
  }
});

for (const user of ['0', '0:0', 'root', 'agent', '1000:agent', '4294967295', '']) {
  test(`the user '${user}' is refused: the restricted level wants a number that is not root's`, () => {
    assert.is(messages(withAgent(fullMatrix(), { user })).length, 1);
  });
}

test('a uid alone is its own group', () => {
  const pod = podOf(manifestsOf(withAgent(fullMatrix(), { user: '4711' })), 'agent');
  assert.is(containerOf(pod, 'agent').securityContext['runAsUser'], 4711);
  assert.is(containerOf(pod, 'agent').securityContext['runAsGroup'], 4711);
  assert.is(pod.securityContext['fsGroup'], 4711);
});

test('what has no meaning on a cluster is an error, never left out', () => {
  const set = { kind: 'set', path: 'ulimits.nofile', value: 1 } as const;
  const cases: readonly (readonly [BottlePlan, RegExp])[] = [
    [withAgent(fullMatrix(), { overrides: [set] }), /1 override of the compose service/],
    [withSidecars(fullMatrix(), { overrides: [set, set] }), /2 overrides of the compose service/],
    [withAgent(fullMatrix(), { skills: [{ name: 'review', source: 'skills/review' }] }), /skills/],
    [
      withSidecars(fullMatrix(), { egressNetwork: { kind: 'external', name: 'registry' } }),
      /`egressNetwork` 'registry'/,
    ],
    [withSidecars(fullMatrix(), { egressNetwork: { kind: 'managed', subnet: '10.9.0.0/24' } }), /'10\.9\.0\.0\/24'/],
    [withAgent(fullMatrix(), { runtime: 'Kata_1' }), /`runtime` 'Kata_1'/],
    [{ ...fullMatrix(), labels: { 'a b': 'x' } }, /label name 'a b'/],
  ];
  for (const [plan, message] of cases) {
    assert.is(messages(plan).length, 1);
    assert.match(messages(plan)[0] ?? '', message);
  }
});

test('a namespace and ranges that are none are refused', () => {
  assert.match(messages(fullMatrix(), { images: IMAGES, namespace: 'Not_One' })[0] ?? '', /namespace 'Not_One'/);
  for (const range of ['10.0.0.0', '::/0', '0.0.0.0/0', '300.0.0.0/8', '1.2.3.4/33']) {
    assert.is(messages(fullMatrix(), { images: IMAGES, privateRanges: [range] }).length, 1, range);
  }
});

test('all problems come at once, with what to do, and nothing is rendered', () => {
  const plan = withAgent(fullMatrix(), { user: 'root', runtime: '-' });
  try {
    renderKubernetes(plan);
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof KubernetesTargetError);
    assert.is(error.problems.length, 4);
    for (const { fix } of error.problems) assert.ok(error.message.includes(fix));
  }
});

test('a credential in what is refused is not told', () => {
  const token = `ghp_${'a1B2'.repeat(9)}`;
  const plan = withAgent(fullMatrix(), { mounts: [{ kind: 'bind', source: token, target: '/x', readOnly: true }] });
  assert.not.match(messages(plan).join(''), /ghp_/);
});

test.run();
