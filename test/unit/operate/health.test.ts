import * as assert from 'uvu/assert';
import { bottleHealth, createDocker, mergedHealth, parseHealth } from '../../../lib/operate/index.ts';
import { suite } from '../../support/suite.ts';
import { environmentWith, fakeDocker } from '../deploy/fake-docker.ts';

const test = suite('health of a bottle');

const up = { up: true, restarts: 0, digest: 'a'.repeat(64), detail: '' };
const read = (daemons: object, healthy = true) => parseHealth(JSON.stringify({ healthy, daemons }));

test('a report of an older init has refused nothing and is in no crash loop', () => {
  assert.equal(read({ egress: up })?.daemons.egress, { ...up, refusals: 0, crashLoop: false });
  const told = read({ egress: { ...up, refusals: 2, crashLoop: true } })?.daemons.egress;
  assert.is(told?.refusals, 2);
  assert.is(told?.crashLoop, true);
});

test('the report of the bundle stands as it is', () => {
  const report = read({ egress: up, pipelock: { ...up, up: false } }, false);
  assert.equal(mergedHealth(new Map([['sidecars', report]])), { ...report, silent: [] });
});

test('the reports of a split bottle become one, healthy when each of them is', () => {
  const egress = read({ egress: up });
  const pipelock = read({ pipelock: up });
  const both = mergedHealth(
    new Map([
      ['egress', egress],
      ['pipelock', pipelock],
    ]),
  );
  assert.is(both.healthy, true);
  assert.equal(Object.keys(both.daemons), ['egress', 'pipelock']);
  const sick = mergedHealth(
    new Map([
      ['egress', egress],
      ['pipelock', read({ pipelock: up }, false)],
    ]),
  );
  assert.is(sick.healthy, false);
});

test('a container vouches for its own daemon only', () => {
  const liar = read({ egress: up, pipelock: up });
  const { daemons } = mergedHealth(
    new Map([
      ['pipelock', undefined],
      ['egress', liar],
    ]),
  );
  assert.is(daemons.pipelock?.up, false);
  assert.is(daemons.egress?.up, true);
});

test('a container that does not answer is named, and its daemon is down', () => {
  const report = mergedHealth(new Map([['git-gate', undefined]]));
  assert.is(report.healthy, false);
  assert.equal(report.silent, ['git-gate']);
  assert.match(report.daemons['git-gate']?.detail ?? '', /does not answer/);
  assert.equal(mergedHealth(new Map([['sidecars', undefined]])), { healthy: false, daemons: {}, silent: ['sidecars'] });
  assert.is(mergedHealth(new Map()).healthy, false);
});

test('every sidecar that runs is asked, the agent is not', async () => {
  const stdout = JSON.stringify({ healthy: true, daemons: { egress: up } });
  const fake = fakeDocker([{ call: '"exec egress-id "*', stdout }]);
  const docker = createDocker({ env: environmentWith(fake) });
  const containers = new Map([
    ['agent', { id: 'agent-id', running: true }],
    ['egress', { id: 'egress-id', running: true }],
    ['pipelock', { id: 'pipelock-id', running: false }],
  ]);
  const report = await bottleHealth(docker, containers);
  assert.equal(fake.calls(), ['exec egress-id /usr/local/bin/bundle-health']);
  fake.remove();
  assert.is(report.daemons.egress?.up, true);
  assert.equal(report.silent, ['pipelock']);
});

test.run();
