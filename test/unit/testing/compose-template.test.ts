import { AssertionError } from 'node:assert';
import { type AgentProps, App, Bottle, EnvValue, Route, type SidecarBundleProps } from 'claude-bottle';
import { ComposeTemplate, Match } from 'claude-bottle/testing';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';

const test = suite('testing › ComposeTemplate');

const FULL: SidecarBundleProps = { egress: { routes: [Route.to('docs.example.org')] }, supervise: true };

function templateOf(agent: AgentProps = {}, sidecars: SidecarBundleProps = FULL): ComposeTemplate {
  return ComposeTemplate.fromBottle(new Bottle(new App(), 'demo', { agent, sidecars }));
}

/** The text of the failure that `expectation` throws. */
function failureOf(expectation: () => void): string {
  try {
    expectation();
  } catch (error) {
    assert.instance(error, AssertionError);
    return (error as AssertionError).message;
  }
  throw new Error('the expectation held');
}

test('a service matches a pattern of some of its keys', () => {
  templateOf().hasService('agent', {
    cap_drop: ['ALL'],
    read_only: true,
    environment: Match.arrayWith(['HTTPS_PROXY=http://egress:9099']),
    ports: Match.absent(),
    logging: { options: { 'max-size': Match.stringLikeRegexp(/^\d+m$/) } },
  });
});

test('a service that does not match is shown with each difference and where it is', () => {
  const text = failureOf(() => templateOf().hasService('agent', { read_only: false, logging: { driver: 'none' } }));
  assert.match(text, "service 'agent' does not match:");
  assert.match(text, '/read_only: is true, expected false');
  assert.match(text, "/logging/driver: is 'json-file', expected 'none'");
});

test('a service that would match instead is named', () => {
  const text = failureOf(() => templateOf().hasService('agent', { cap_add: ['SETUID', 'SETGID', 'KILL'] }));
  assert.match(text, "service 'sidecars' would match");
});

test('the nearest name is offered for a service that is not there', () => {
  const text = failureOf(() => templateOf().hasService('agnet'));
  assert.is(text, "no service 'agnet', did you mean 'agent'?; there are 'sidecars', 'agent'");
});

test('what a list lacks is shown beside the entry that is nearest', () => {
  const wanted = { volumes: Match.arrayWith([{ type: 'volume', target: '/workspace', read_only: true }]) };
  const text = failureOf(() => templateOf().hasService('agent', wanted));
  assert.match(text, /\/volumes: entry 0 of the pattern is not in the list; nearest:/);
  assert.match(text, /\/volumes\/\d\/read_only: is missing, expected true/);
});

test('the environment is literals as the container sees them, and names of host variables', () => {
  const template = templateOf({ env: { PRICE: '$5', LANG: EnvValue.fromHost('LANG'), TZ: EnvValue.fromHost('ZONE') } });
  const environment = template.environmentOf('agent');
  assert.is(environment['PRICE'], '$5');
  assert.equal(environment['LANG'], { fromHost: 'LANG' });
  assert.equal(environment['TZ'], { fromHost: 'ZONE' });
});

test('a variable that must not be there is found in any letter case, and its credential is not shown', () => {
  const template = templateOf({ env: { NOTE: 'a note' } });
  template.hasNoEnvironment('sidecars', 'HTTPS_PROXY');
  template.hasNoEnvironment('agent', /^EGRESS_TOKEN_/);
  assert.match(
    failureOf(() => template.hasNoEnvironment('agent', 'note')),
    "NOTE is 'a note'",
  );
  assert.match(
    failureOf(() => template.hasNoEnvironment('agent', /proxy/i)),
    'HTTPS_PROXY',
  );
});

test('aliases are those of the network that is asked for', () => {
  const template = templateOf();
  assert.ok(template.aliasesOf('sidecars').includes('egress'));
  assert.equal(template.aliasesOf('sidecars', 'egress'), []);
  assert.match(
    failureOf(() => template.aliasesOf('agent', 'egress')),
    "service 'agent' is not on network 'egress', but on 'internal'",
  );
});

test('who reaches whom is computed from the documents, and a failure says why', () => {
  const template = templateOf();
  template.canReach('agent', 'egress');
  template.canReach('agent', 'supervise');
  template.cannotReach('agent', 'pipelock');
  template.cannotReach('agent', 'internet');
  template.cannotReach('agent', 'host');
  template.canReach('sidecars', 'internet');
  assert.match(
    failureOf(() => template.canReach('agent', 'internet')),
    /^agent cannot reach internet: .*internal/,
  );
  assert.match(
    failureOf(() => template.cannotReach('agent', 'egress')),
    /^agent can reach egress: .*9099/,
  );
  assert.throws(() => template.canReach('agent', 'egres'), /nothing of the bottle is called 'egres'/);
});

test('an exposed pipelock is in reach, as synth warns', () => {
  templateOf({}, { ...FULL, pipelock: { exposed: true } }).canReach('agent', 'pipelock');
});

test('a file of the bottle is its text, and one that is not there is answered with those that are', () => {
  const template = templateOf();
  assert.match(template.file('egress/routes.yaml'), 'docs.example.org');
  assert.match(
    failureOf(() => template.file('egress/route.yaml')),
    '  egress/routes.yaml',
  );
});

test('what a test does to the document changes nothing for the next', () => {
  const template = templateOf();
  const document = template.toJSON() as { services: Record<string, object> };
  delete document.services['agent'];
  template.hasService('agent');
});

test('a bottle with errors is not rendered, and they are told', () => {
  const text = failureOf(() => templateOf({}, { egress: { routes: [Route.to('*.example.org')] } }));
  assert.match(text, "bottle 'demo' is not rendered, because of:");
  assert.match(text, 'bottles::route-host');
});

test('two bottles of one app are looked at one after the other, and the app can be synthesized still', () => {
  const app = new App();
  const first = new Bottle(app, 'first', { agent: {}, sidecars: {} });
  const second = new Bottle(app, 'second', { agent: {}, sidecars: FULL });
  ComposeTemplate.fromBottle(first).cannotReach('agent', 'egress');
  ComposeTemplate.fromBottle(second).canReach('agent', 'egress');
});

test.run();
