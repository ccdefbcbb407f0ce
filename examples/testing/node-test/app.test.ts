import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComposeTemplate, Findings, Match } from 'claude-bottle/testing';
import { app, bottle } from './bottle.ts';

const template = ComposeTemplate.fromBottle(bottle);

test('the agent reaches its proxies and nothing else', () => {
  template.canReach('agent', 'egress');
  template.canReach('agent', 'supervise');
  template.cannotReach('agent', 'pipelock');
  template.cannotReach('agent', 'internet');
  template.cannotReach('agent', 'host');
});

test('the credential stays out of the agent', () => {
  template.hasNoEnvironment('agent', /^EGRESS_TOKEN_/);
  assert.deepEqual(template.environmentOf('sidecars')['EGRESS_TOKEN_0'], { fromHost: 'EGRESS_TOKEN_0' });
});

test('the agent is hardened as our house wants it', () => {
  template.hasService('agent', {
    cap_drop: ['ALL'],
    read_only: true,
    environment: Match.arrayWith(['EDITOR=vim']),
    ports: Match.absent(),
  });
});

test('synth has nothing to say against the app', () => {
  Findings.from(app).hasNoErrors();
});
