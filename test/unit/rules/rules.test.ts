import { App, Image } from 'claude-bottle';
import * as assert from 'uvu/assert';
import type { BottlePlan, Finding } from '../../../lib/plan/index.ts';
import { checkPlans, RULES } from '../../../lib/rules/index.ts';
import { suite } from '../../support/suite.ts';
import { AGENT_CASES } from './cases-agent.ts';
import { HOST_CASES } from './cases-hosts.ts';
import { LIMIT_CASES } from './cases-limits.ts';
import { SOURCE_CASES } from './cases-mount-sources.ts';
import { MOUNT_CASES } from './cases-mounts.ts';
import { NETWORK_CASES, type RuleCase } from './cases-network.ts';
import { SERVICE_CASES } from './cases-service.ts';
import { WORKSPACE_CASES } from './cases-workspace.ts';
import { findingsOf, withAgent } from './definition.ts';

const test = suite('rules');
const CASES: Readonly<Record<string, RuleCase>> = {
  ...NETWORK_CASES,
  ...HOST_CASES,
  ...MOUNT_CASES,
  ...SOURCE_CASES,
  ...SERVICE_CASES,
  ...AGENT_CASES,
  ...LIMIT_CASES,
  ...WORKSPACE_CASES,
};

const found = (subject: App | BottlePlan): readonly Finding[] =>
  subject instanceof App ? findingsOf(subject) : checkPlans([subject]);

const shown = (findings: readonly Finding[]): string =>
  findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n');

test('every rule has cases that break it and cases that do not, and no case is for a rule that is gone', () => {
  assert.equal(Object.keys(CASES).sort(), RULES.map(({ id }) => id).sort());
  for (const [id, { fires, quiet }] of Object.entries(CASES)) {
    assert.ok(fires.length > 0 && quiet.length > 0, `${id} lacks a case`);
  }
});

test('a rule id is used once', () => {
  assert.is(new Set(RULES.map(({ id }) => id)).size, RULES.length);
});

for (const rule of RULES) {
  test(`${rule.id} fires on ${rule.what}`, () => {
    for (const [index, subject] of (CASES[rule.id]?.fires ?? []).entries()) {
      const findings = found(subject);
      const own = findings.filter(({ rule: id }) => id === rule.id);
      assert.ok(own.length > 0, `case ${index} of ${rule.id} found only:\n${shown(findings)}`);
      for (const finding of own) {
        assert.is(finding.severity, rule.severity);
        assert.ok(finding.message.length > 0 && finding.fix.length > 0);
        assert.ok(finding.path.length > 0, 'a finding without a construct path');
        assert.not.match(
          `${finding.message} ${finding.fix}`,
          /hunter2|ghp_a|AKIAABC|sk-ant-api/,
          'a message shows a secret',
        );
      }
    }
  });

  test(`${rule.id} lets pass what is next to it`, () => {
    for (const [index, subject] of (CASES[rule.id]?.quiet ?? []).entries()) {
      const own = found(subject).filter(({ rule: id }) => id === rule.id);
      assert.equal(shown(own), '', `case ${index} of ${rule.id}`);
    }
  });
}

test('the quiet cases of routes, remotes and mounts are valid altogether', () => {
  for (const id of [
    'bottles::route-host',
    'bottles::git-url',
    'bottles::mount-source-forbidden',
    'bottles::allow-entry',
  ]) {
    for (const subject of CASES[id]?.quiet ?? []) {
      assert.equal(shown(found(subject).filter(({ severity }) => severity === 'error')), '', id);
    }
  }
});

test('each mistake of a build is told, not the first alone', () => {
  const image = Image.build('~', { dockerfile: '../Dockerfile', args: { NPM_TOKEN: 'abc', GH_TOKEN: 'abc' } });
  const messages = findingsOf(withAgent({ image })).filter(({ rule }) => rule === 'bottles::image-build');
  assert.is(messages.length, 4);
});

test.run();
