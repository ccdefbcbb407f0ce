/** What is found of overrides once they are applied, and which line a finding in the documents names. */

import { App, Bottle, Rules, type SidecarBundleProps } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { judgeInput, lower } from '../../../constructs/app.ts';
import { judge } from '../../../lib/assembly/index.ts';
import type { Finding, Location } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { checkDocuments } from '../../../lib/rules/index.ts';
import { locateAt } from '../../../lib/rules/locate-at.ts';
import { suite } from '../../support/suite.ts';

const test = suite('rules of overrides');
const FILE = 'test/unit/rules/overrides.test.ts';

interface Judged {
  /** Those about overrides as such. */
  readonly findings: readonly Finding[];
  readonly at: (pointer: string) => Location | undefined;
}

function judged(change: (bottle: Bottle) => void, sidecars: SidecarBundleProps = {}): Judged {
  const app = new App();
  change(new Bottle(app, 'demo', { agent: {}, sidecars }));
  const { plans, locations, findings } = lower(app, {});
  assert.equal(findings, []);
  const [plan] = plans;
  if (plan === undefined) throw new Error('no plan');
  const bottle = renderedBottle(plan);
  const found = checkDocuments(bottle, locations);
  return {
    findings: found.filter(({ rule }) => rule.startsWith('bottles::override-')),
    at: (pointer) => locateAt(bottle, pointer, locations)?.(),
  };
}

/** The line, in this file, from which it is called. */
function thisLine(): number {
  return Number(/:(\d+):\d+\)?$/.exec((new Error().stack ?? '').split('\n')[2] ?? '')?.[1]);
}

test('an override that does not fit is an error at its line, in the file that it was for', () => {
  let line = 0;
  const { findings } = judged(({ agent }) => {
    line = thisLine() + 1;
    agent.addOverride('environment.PAGER', 'less');
  });
  const [{ message, fix, ...rest } = { message: '', fix: '' }] = findings;
  assert.equal(rest, {
    rule: 'bottles::override-applies',
    severity: 'error',
    path: 'demo/Agent',
    artifact: 'demo/compose.yaml',
    pointer: '/services/agent',
    location: { file: FILE, line },
  });
  assert.match(message, /does not fit the service 'agent'/);
  assert.match(fix, /compose\.yaml of a synth without this override/);
});

test('a failing test of a patch is an error, not an exception', () => {
  const { findings } = judged(({ agent }) =>
    agent.addJsonPatch({ op: 'test', path: '/read_only', value: false }, { op: 'remove', path: '/read_only' }),
  );
  assert.equal(
    findings.map(({ rule }) => rule),
    ['bottles::override-applies'],
  );
  assert.match(findings[0]?.message ?? '', /operation 1 \(test '\/read_only'\): the value there is another one/);
});

test('an override of a label that is ours is an error', () => {
  const { findings } = judged(({ sidecars }) => sidecars.addOverride('labels.claude-bottle\\.digest', 'x'));
  assert.equal(
    findings.map(({ rule, severity, path }) => [rule, severity, path]),
    [['bottles::override-reserved-label', 'error', 'demo/Sidecars']],
  );
});

test('a deletion that removes nothing is a warning', () => {
  const { findings } = judged(({ agent }) => agent.addDeletionOverride('cap_dropp'));
  assert.equal(
    findings.map(({ rule, severity }) => [rule, severity]),
    [['bottles::override-idle', 'warning']],
  );
  assert.match(
    findings[0]?.message ?? '',
    /addDeletionOverride\('cap_dropp'\) removes nothing: there is no such place in 'agent'/,
  );
});

test('one override of several services is one finding that names them', () => {
  const { findings } = judged(
    ({ sidecars }) => {
      sidecars.addOverride('read_only.x', 1);
      sidecars.addDeletionOverride('nothing');
    },
    { shape: 'split', supervise: true },
  );
  assert.equal(
    findings.map(({ rule, pointer }) => [rule, pointer]),
    [
      ['bottles::override-applies', '/services/pipelock'],
      ['bottles::override-idle', '/services/pipelock'],
    ],
  );
  assert.match(findings[0]?.message ?? '', /'pipelock'.*; so it is with 'supervise'$/);
  assert.match(findings[1]?.message ?? '', /no such place in 'pipelock' and 'supervise'/);
});

test('a deletion that removes something in one of the services is not idle', () => {
  // Only containers without a way out have a resolver of their own.
  const { findings } = judged(({ sidecars }) => sidecars.addDeletionOverride('dns_opt'), {
    shape: 'split',
    supervise: true,
  });
  assert.equal(findings, []);
});

test('a finding at or below what an override brought names the line of the override, the last one that did', () => {
  const lines: number[] = [];
  const { at } = judged(({ agent }) => {
    lines.push(thisLine() + 1);
    agent.addOverride('ulimits', { nofile: { soft: 1 } });
    lines.push(thisLine() + 1);
    agent.addOverride('ulimits.nofile.hard', 2);
    lines.push(thisLine() + 1);
    agent.addOverride('environment.-', 'A=1');
    lines.push(thisLine() + 1);
    agent.addJsonPatch({ op: 'add', path: '/environment/-', value: 'B=1' });
    lines.push(thisLine() + 1);
    agent.addDeletionOverride('cap_drop');
  });
  const places = [
    '/services/agent/ulimits/nofile/soft',
    '/services/agent/ulimits/nofile/hard',
    `/services/agent/environment/${ENVIRONMENT}`,
    `/services/agent/environment/${ENVIRONMENT + 1}`,
    '/services/agent/cap_drop',
  ];
  assert.equal(
    places.map((place) => at(place)?.line),
    lines,
  );
});

/** How many variables the agent of {@link judged} has. */
const ENVIRONMENT = (() => {
  const app = new App();
  new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  const [plan] = lower(app, {}).plans;
  if (plan === undefined) throw new Error('no plan');
  const { environment } = renderedBottle(plan).plain.services['agent'] as { readonly environment: readonly string[] };
  return environment.length;
})();

test('a finding about a whole key names an override within it, one about the service or another key does not', () => {
  let line = 0;
  let bottleLine = 0;
  const app = new App();
  bottleLine = thisLine() + 1;
  const demo = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  line = thisLine() + 1;
  demo.agent.addOverride('environment.-', 'A=1');
  demo.agent.addOverride('read_only.x', 1);
  const { plans, locations } = lower(app, {});
  const [plan] = plans;
  if (plan === undefined) throw new Error('no plan');
  const lineAt = (pointer: string): number | undefined => locateAt(renderedBottle(plan), pointer, locations)?.()?.line;
  assert.is(lineAt('/services/agent/environment'), line);
  assert.is(lineAt('/services/agent/environment/0'), bottleLine);
  assert.is(lineAt('/services/agent'), bottleLine);
  assert.is(lineAt('/services/agent/read_only'), bottleLine, 'an override that was not applied brought nothing');
  assert.is(lineAt('/services/sidecars/environment'), bottleLine);
  assert.is(lineAt('/networks/internal'), bottleLine);
});

test('a finding of the house about what an override brought names the override, too', () => {
  const app = new App();
  const demo = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  const line = thisLine() + 1;
  demo.agent.addOverride('environment.-', 'PAGER=less');
  Rules.of(app).add({
    id: 'acme::no-pager',
    severity: 'error',
    fix: 'remove it',
    check: ({ compose }) =>
      ((compose.services['agent']?.['environment'] ?? []) as readonly string[]).flatMap((text, index) =>
        text.startsWith('PAGER=') ? [{ message: 'a pager', pointer: `/services/agent/environment/${index}` }] : [],
      ),
  });
  const [finding] = judge(judgeInput(app)).found.findings;
  assert.is(finding?.rule, 'acme::no-pager');
  assert.equal(finding?.location, { file: FILE, line });
});

test.run();
