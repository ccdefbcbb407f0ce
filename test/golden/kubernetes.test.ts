import * as assert from 'uvu/assert';
import type { BottlePlan, Daemon } from '../../lib/plan/index.ts';
import { renderKubernetes } from '../../lib/render/kubernetes/index.ts';
import { matchesGolden } from '../support/golden.ts';
import { exposed, fullMatrix, planWith } from '../support/plans.ts';
import { suite } from '../support/suite.ts';
import { everything } from '../unit/render-kubernetes/plans.ts';
import { IMAGES } from '../unit/render-kubernetes/rendered.ts';

const test = suite('golden Kubernetes manifests');

const ALL: readonly Daemon[] = ['egress', 'git-gate', 'supervise'];

const render = (plan: BottlePlan): Readonly<Record<string, string>> => renderKubernetes(plan, { images: IMAGES });

test('a bottle with all four daemons renders its golden manifests', () => {
  matchesGolden('kubernetes-full-matrix', render(fullMatrix()));
});

test('a bottle with pipelock alone renders its golden manifests', () => {
  matchesGolden('kubernetes-pipelock', render(planWith([])));
});

test('a bottle with pipelock exposed renders its golden manifests', () => {
  matchesGolden('kubernetes-exposed', render(planWith(['egress'], exposed(['egress']))));
});

test('the split shape is the same manifests', () => {
  assert.equal(render(planWith(ALL, { shape: 'split' })), render(planWith(ALL)));
});

test('a bottle that uses everything, in a namespace of others, renders its golden manifests', () => {
  const options = { images: IMAGES, namespace: 'bottles', storageClass: 'fast', imagePullSecrets: ['pull'] };
  matchesGolden('kubernetes-everything', renderKubernetes(everything(), options));
});

test.run();
