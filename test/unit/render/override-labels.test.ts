/** What overrides may do to the labels of a service. */

import * as assert from 'uvu/assert';
import type { OverridePlan } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { patch, problem, remove, set, withAgent } from './overridden.ts';

const test = suite('overrides of labels');

test('an override adds, changes and removes labels of the definition, and ours stay', () => {
  const plan = { ...planWith([]), labels: { 'com.example.team': 'blue', 'com.example.cost': '7' } };
  const overrides = [
    set('labels.com\\.example\\.team', 're$d'),
    set('labels.tier', 'x'),
    remove('labels.com\\.example\\.cost'),
  ];
  const { labels } = renderedBottle(withAgent(overrides, plan)).compose.services['agent'] as { labels: object };
  assert.equal(Object.keys(labels), [
    'com.example.team',
    'tier',
    'claude-bottle.slug',
    'claude-bottle.app',
    'claude-bottle.digest',
  ]);
  assert.is((labels as Record<string, string>)['com.example.team'], 're$$d');
});

test('a label that is ours, or Compose’s or the engine’s, is refused however it is spelled', () => {
  const slug = '/labels/claude-bottle.slug';
  const spellings: readonly (readonly OverridePlan[])[] = [
    [set('labels.claude-bottle\\.slug', 'other')],
    [set('labels.Claude-Bottle\\.Digest', 'other')],
    [set('labels.com\\.docker\\.compose\\.project', 'other')],
    [set('labels', { 'claude-bottle.app': 'other' })],
    [remove('labels.claude-bottle\\.slug')],
    [patch({ op: 'add', path: '/labels', value: { 'claude-bottle.slug': 'x' } })],
    [set('x.claude-bottle\\.slug', 'other'), patch({ op: 'move', from: '/x', path: '/labels' })],
    [set('x.y', 'other'), set('labels.a', 'b'), patch({ op: 'copy', from: '/x/y', path: slug })],
  ];
  for (const overrides of spellings) {
    const { effects, compose } = renderedBottle(withAgent(overrides));
    const { labels } = compose.services['agent'] as { labels: Record<string, string> };
    assert.is(effects.at(-1)?.problem?.kind, 'refused', JSON.stringify(overrides));
    assert.is(labels['claude-bottle.slug'], 'demo-abc12');
    assert.equal(
      Object.keys(labels).filter((name) => name.startsWith('com.docker')),
      [],
    );
  }
});

test('labels that are no object are a problem', () => {
  for (const labels of [['a=b'], 'a=b', null, 7]) {
    assert.match(problem(set('labels', labels)), /makes `labels` something else than an object/);
  }
});

test.run();
