import * as assert from 'uvu/assert';
import { AGENT_SERVICE, type Finding, type RenderedBottle } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { checkDocuments } from '../../../lib/rules/index.ts';
import { BAD_EDITS, type BadEdit } from '../../support/bad-edits.ts';
import { fullMatrix } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { EVERY_PLAN } from '../topology/documents.ts';

const test = suite('documents');

const findings = (bottle: RenderedBottle): readonly Finding[] => checkDocuments(bottle, new Map());
const shown = (all: readonly Finding[]): string =>
  all.map(({ rule, pointer, message }) => `${rule} ${pointer}: ${message}`).join('\n');

const RENDERED: readonly RenderedBottle[] = (['bundle', 'split'] as const).map((shape) => {
  const plan = fullMatrix();
  return renderedBottle({ ...plan, sidecars: { ...plan.sidecars, shape } });
});

/** The full matrix in either shape with `edit` made. In the split shape it is made to every sidecar, as an override is. */
const badBottles = ({ on, edit }: BadEdit): readonly RenderedBottle[] =>
  RENDERED.map((bottle) => {
    const services = Object.entries(bottle.compose.services).map(([name, service]) => {
      const meant = (name === AGENT_SERVICE) === (on === 'agent');
      return [name, meant ? edit(structuredClone(service)) : service] as const;
    });
    return { ...bottle, compose: { ...bottle.compose, services: Object.fromEntries(services) } };
  });

for (const { name, plan } of EVERY_PLAN) {
  test(`what synth writes breaks no rule: ${name}`, () => {
    assert.is(shown(findings(renderedBottle(plan))), '');
  });
}

for (const bad of BAD_EDITS) {
  test(`${bad.on}, ${bad.name}: ${bad.rule}`, () => {
    for (const bottle of badBottles(bad)) {
      const all = findings(bottle);
      const own = all.filter(({ rule }) => rule === bad.rule);
      assert.ok(own.length > 0, `found only:\n${shown(all)}`);
      for (const { message, fix, pointer, artifact } of all) {
        assert.match(pointer ?? '', /^\//);
        assert.is(artifact, 'demo-abc12/compose.yaml');
        assert.ok(message.length > 0 && fix.length > 0);
        assert.not.match(`${message} ${fix}`, /hunter2|ghp_a/, 'a message shows a secret');
      }
    }
  });
}

test('the list of bad edits is long, and no edit is in it twice', () => {
  const names = BAD_EDITS.map(({ on, name, rule }) => `${on} ${name} ${rule}`);
  assert.is(new Set(names).size, names.length);
  assert.ok(names.length > 200);
});

test.run();
