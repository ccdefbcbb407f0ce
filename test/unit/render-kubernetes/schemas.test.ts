import * as assert from 'uvu/assert';
import { DAEMON_SUBSETS, exposed, fullMatrix, planWith, subsetName } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { schemaProblems } from './models.ts';
import { everything } from './plans.ts';
import { manifest, manifestsOf } from './rendered.ts';

const test = suite('Kubernetes manifests and the schemas of the API');

const asObject = ({ path: _, text: __, ...object }: ReturnType<typeof manifestsOf>[number]): typeof object => object;

for (const subset of DAEMON_SUBSETS) {
  test(`every object of a bottle with ${subsetName(subset)} is valid, and has no field that the API does not know`, () => {
    for (const one of manifestsOf(planWith(subset))) assert.equal(schemaProblems(asObject(one)), [], one.path);
  });
}

test('every object of a bottle that uses everything is valid', () => {
  const options = { namespace: 'bottles', storageClass: 'fast', imagePullSecrets: ['pull'] };
  for (const one of manifestsOf(everything(), options)) assert.equal(schemaProblems(asObject(one)), [], one.path);
  for (const one of manifestsOf(planWith(['egress'], exposed(['egress'])))) {
    assert.equal(schemaProblems(asObject(one)), [], one.path);
  }
});

test('a wrong type, a missing field and an unknown one are seen', () => {
  const object = asObject(manifest(manifestsOf(fullMatrix()), 'NetworkPolicy', 'claude-bottle-agent'));
  assert.equal(schemaProblems(object), []);
  const spec = object.spec as object;
  assert.match(schemaProblems({ ...object, spec: { ...spec, policyTypes: 'Egress' } } as never)[0] ?? '', /array/);
  assert.match(
    schemaProblems({ ...object, kind: 'Service', spec: { ports: [{}] } } as never)[0] ?? '',
    /port|kind|equal/,
  );
  assert.equal(schemaProblems({ ...object, spec: { ...spec, egres: [] } } as never), [
    'the schema knows no .spec.egres',
  ]);
});

test.run();
