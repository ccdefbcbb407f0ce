import * as assert from 'uvu/assert';
import type { BottlePlan, Finding, OverridePlan, RenderedBottle } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { OVERRIDE_RULES } from '../../../lib/rules/documents/overrides.ts';
import { checkDocuments, DOCUMENT_RULES } from '../../../lib/rules/index.ts';
import { BAD_DOCUMENT_EDITS } from '../../support/bad-document-edits.ts';
import { BAD_EDITS } from '../../support/bad-edits.ts';
import { HARMLESS_EDITS } from '../../support/harmless-edits.ts';
import { fullMatrix } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { edited } from '../topology/documents.ts';

const test = suite('rules over documents', { timeoutMs: 300_000 });

const findings = (bottle: RenderedBottle): readonly Finding[] => checkDocuments(bottle, new Map());
const shown = (all: readonly Finding[]): string =>
  all.map(({ rule, pointer, message }) => `${rule} ${pointer}: ${message}`).join('\n');

const inShape = (shape: BottlePlan['sidecars']['shape']): BottlePlan => {
  const plan = fullMatrix();
  return { ...plan, sidecars: { ...plan.sidecars, shape } };
};

type On = 'agent' | 'sidecars';
const overriding = (plan: BottlePlan, on: On, overrides: readonly OverridePlan[]): BottlePlan =>
  on === 'agent'
    ? { ...plan, agent: { ...plan.agent, overrides } }
    : { ...plan, sidecars: { ...plan.sidecars, overrides } };

const SHAPES = ['bundle', 'split'] as const;

test('every rule has a bad edit that it is for', () => {
  const covered = new Set<string>([...BAD_EDITS, ...BAD_DOCUMENT_EDITS].map(({ rule }) => rule));
  const own = DOCUMENT_RULES.filter((rule) => !OVERRIDE_RULES.includes(rule));
  assert.equal(
    own.map(({ id }) => id).filter((id) => !covered.has(id)),
    [],
  );
});

for (const shape of SHAPES) {
  for (const { name, edit, rule } of BAD_DOCUMENT_EDITS) {
    test(`${shape}, ${name}: ${rule}`, () => {
      const all = findings(edited(inShape(shape), (_, document) => edit(document)));
      assert.ok(
        all.some((finding) => finding.rule === rule),
        `found only:\n${shown(all)}`,
      );
    });
  }

  for (const { on, path, value } of HARMLESS_EDITS) {
    test(`${shape}, ${on}: ${path} ${JSON.stringify(value)} is let pass`, () => {
      assert.is(shown(findings(renderedBottle(overriding(inShape(shape), on, [{ kind: 'set', path, value }])))), '');
    });
  }

  test(`${shape}: an override that is a bad edit is found as the edit is`, () => {
    for (const { on, name, rule, override } of BAD_EDITS) {
      // Which texts an override may hold is judged before; a `$` in one means a dollar sign.
      if (override === undefined || ['bottles::label-reserved', 'bottles::interpolated-text'].includes(rule)) continue;
      const all = findings(renderedBottle(overriding(inShape(shape), on, [{ kind: 'set', ...override }])));
      assert.ok(
        all.some((finding) => finding.rule === rule),
        `${on}, ${name} found only:\n${shown(all)}`,
      );
    }
  });
}

test('nothing that an override leaves as it was is found', () => {
  const plan = overriding(fullMatrix(), 'agent', [{ kind: 'set', path: 'read_only', value: true }]);
  assert.is(shown(findings(renderedBottle(plan))), '');
});

/** The full matrix with the agent's variables made into others. */
const withVariables = (change: (entries: readonly string[]) => unknown): RenderedBottle =>
  edited(fullMatrix(), ({ agent }) => {
    if (agent === undefined) throw new Error('no agent');
    agent['environment'] = change(agent['environment'] as string[]);
  });

test('a harmless variable of the agent is let pass, in a list and in a mapping', () => {
  assert.is(shown(findings(withVariables((entries) => [...entries, 'PAGER=less', 'COST=5$$']))), '');
  const mapped = withVariables((entries) => {
    const pairs = entries.map((entry) => {
      const [, name = entry, value] = /^([^=]*)=(.*)$/.exec(entry) ?? [];
      return [name, value ?? null] as const;
    });
    return { ...Object.fromEntries(pairs), PAGER: 'less' };
  });
  assert.is(shown(findings(mapped)), '');
});

test('a declared variable of the agent may be taken away or changed', () => {
  const bottle = withVariables((entries) =>
    entries.filter((entry) => entry !== 'LANG').map((entry) => (entry === 'EDITOR=vim' ? 'EDITOR=nano' : entry)),
  );
  assert.is(shown(findings(bottle)), '');
});

test('of one cause there are few findings: a shared namespace, and what it opens', () => {
  const bottle = edited(fullMatrix(), ({ agent }) => Object.assign(agent ?? {}, { network_mode: 'service:sidecars' }));
  const rules = findings(bottle).map(({ rule }) => rule);
  assert.equal(rules, [
    'bottles::agent-reaches-internet',
    'bottles::agent-reaches-host',
    'bottles::agent-reaches-inner-hop',
    'bottles::shared-namespace',
  ]);
});

test.run();
