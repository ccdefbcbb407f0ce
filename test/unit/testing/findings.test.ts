import { App, Bottle, Route } from 'claude-bottle';
import { ComposeTemplate, Findings } from 'claude-bottle/testing';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';

const test = suite('testing › Findings');

function appWith(host: string): App {
  const app = new App();
  const routes = [Route.to(host, { tlsPassthrough: true })];
  new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes } } });
  return app;
}

test('a finding is there by its rule, and by its rule and construct', () => {
  const findings = Findings.from(appWith('docs.example.org'));
  findings.has('bottles::route-tls-passthrough');
  findings.has('bottles::route-tls-passthrough', 'demo/Sidecars/egress');
  findings.hasNo('bottles::route-host');
  findings.hasNo('bottles::route-tls-passthrough', 'demo/Agent');
  findings.hasNoErrors();
});

test('a finding at another construct is shown as the nearest', () => {
  const findings = Findings.from(appWith('docs.example.org'));
  assert.throws(
    () => findings.has('bottles::route-tls-passthrough', 'demo/Agent'),
    /no finding of bottles::route-tls-passthrough at 'demo\/Agent'; nearest:\n {2}warning .* at demo\/Sidecars\/egress/,
  );
});

test('a rule that was misspelled is answered with the nearest one that was broken, and with all findings', () => {
  const findings = Findings.from(appWith('docs.example.org'));
  assert.throws(
    () => findings.has('bottles::route-tls-passthru'),
    /did you mean 'bottles::route-tls-passthrough'\?; found:\n {2}warning/,
  );
});

test('findings that must not be there are listed', () => {
  const findings = Findings.from(appWith('*.example.org'));
  assert.throws(() => findings.hasNo('bottles::route-host'), /there are findings of bottles::route-host:\n {2}error/);
  assert.throws(() => findings.hasNoErrors(), /synth would refuse the app:\n {2}error bottles::route-host/);
});

test('every finding can be looked at by oneself', () => {
  const [finding] = Findings.from(appWith('docs.example.org')).all;
  assert.is(finding?.rule, 'bottles::route-tls-passthrough');
  assert.match(finding?.location?.file ?? '', 'findings.test.ts');
});

test('what is no app, and what is no bottle, is refused by name', () => {
  assert.throws(() => Findings.from({} as App), 'Findings.from was given an empty object; allowed: an App');
  assert.throws(
    () => ComposeTemplate.fromBottle('demo' as never),
    'ComposeTemplate.fromBottle was given a text; allowed: a Bottle',
  );
});

test.run();
