import * as assert from 'uvu/assert';
import { htmlText, mermaidText, svgText } from '../../../lib/graph/index.ts';
import type { BottlePlan, ComposeDocument } from '../../../lib/plan/index.ts';
import { graphOf } from '../../support/graphs.ts';
import { exposed, fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('graph');

const ways = (plan: BottlePlan, from: string): readonly string[] =>
  graphOf(plan)
    .ways.filter((way) => way.from === from && way.reachable)
    .map(({ to }) => to);

test('who reaches whom is what the topology says', () => {
  assert.equal(ways(fullMatrix(), 'agent'), ['egress', 'git-gate', 'supervise']);
  const daemons = ['egress', 'supervise'] as const;
  assert.equal(ways(planWith(daemons, exposed(daemons)), 'agent'), ['egress', 'pipelock', 'supervise']);
  assert.equal(ways(planWith(daemons, { shape: 'split' }), 'egress'), ['pipelock', 'supervise']);
});

test('a route is shown with its credential by name, and with what is weaker on it', () => {
  const svg = svgText([graphOf(fullMatrix())]);
  for (const text of [
    'api.github.com',
    'GET /repos/acme/',
    'sends GH_TOKEN',
    'content not scanned',
    ':8888 loopback',
  ]) {
    assert.ok(svg.includes(text), text);
  }
});

test('the same bottles are the same bytes, and their order is the one given', () => {
  const graphs = () => [graphOf(fullMatrix()), graphOf({ ...planWith([]), slug: 'second' })];
  for (const text of [svgText, mermaidText, htmlText]) assert.is(text(graphs()), text(graphs()));
  const svg = svgText(graphs());
  assert.ok(svg.indexOf('bottle demo-abc12') < svg.indexOf('bottle second'));
});

test('an agent that reaches more than its daemons is drawn as wrong', () => {
  const graph = graphOf(fullMatrix(), (bottle) => {
    const agent = { ...bottle.compose.services['agent'], networks: { internal: null, egress: null } };
    const compose: ComposeDocument = { ...bottle.compose, services: { ...bottle.compose.services, agent } };
    return { ...bottle, compose };
  });
  assert.match(svgText([graph]), 'A WAY TO the internet');
  assert.match(mermaidText([graph]), /b0_agent ==>\|"a way past its proxies"\| b0_internet/);
  assert.not.match(svgText([graphOf(fullMatrix())]), 'A WAY TO');
});

test('text from a definition stays text: nothing of it becomes markup, script or a node', () => {
  const hostile = '"]; click b0_agent "javascript:alert(1)" </title><script>alert(1)</script>\u0000';
  const plan = fullMatrix();
  const [remote] = plan.sidecars.gitGate?.remotes ?? [];
  if (remote === undefined) throw new Error('no remote');
  const graph = { ...graphOf(plan), remotes: [{ ...remote, name: hostile, branches: [hostile] }] };
  for (const text of [svgText([graph]), htmlText([graph])]) {
    assert.not.match(text, '<script');
    assert.not.match(text, '</title><');
    assert.not.match(text, '\u0000');
  }
  const [line = ''] = mermaidText([graph])
    .split('\n')
    .filter((one) => one.includes('alert'));
  // The quotes of the label are the only ones.
  const [, label = '', ...rest] = line.split('"');
  assert.is(rest.length, 1);
  assert.not.match(label.replaceAll('<br/>', ''), /[<>[\]{}]/);
});

test('the page loads nothing and runs nothing', () => {
  const html = htmlText([graphOf(fullMatrix())]);
  assert.match(html, "default-src 'none'");
  assert.not.match(html, /<(?:script|link|img|iframe)\b|\bon\w+=|url\((?!#)/);
});

test.run();
