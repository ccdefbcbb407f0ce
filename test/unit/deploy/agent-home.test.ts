import * as assert from 'uvu/assert';
import { agentHome } from '../../../lib/deploy/agent-home.ts';
import { parseComposeFile } from '../../../lib/deploy/compose-file.ts';
import { suite } from '../../support/suite.ts';

const test = suite("home of the agent's image");

const TARGETS = ['/opt/claude-bottle', '/home/agent', '/workspace', '/srv/data'];
const homeOf = (home: string, declared?: string) =>
  agentHome(
    { home },
    { agent: { targets: TARGETS, isIdle: true, ...(declared === undefined ? {} : { home: declared }) } },
  );

test('the home of our own image is the volume as it is', () => {
  assert.equal(homeOf('/home/agent'), { path: '/home/agent', additions: {} });
});

test('another home of the image gets the volume of the home', () => {
  for (const home of ['/home/dev', '/root', '/home/node', '/opt/tool', '/var/lib/app', '/usr/src/app', '/data']) {
    const { path, additions } = homeOf(home);
    assert.is(path, home);
    assert.equal(additions, { volumes: [{ type: 'volume', source: 'agent-home', target: home }] });
  }
});

test('a home that cannot be kept becomes the one of our own image', () => {
  for (const home of [
    '',
    '/',
    '/nonexistent',
    '/usr/sbin',
    '/bin',
    '/var',
    '/tmp',
    '/home',
    '/workspace',
    '/workspace/x',
    '/srv',
    '/run/x',
    '/a/../b',
    'home',
  ]) {
    assert.equal(homeOf(home), { path: '/home/agent', additions: { environment: ['HOME=/home/agent'] } }, home);
  }
});

test('a home that the definition gives is not changed', () => {
  assert.equal(homeOf('/tmp/home', '/tmp/home'), { path: '/tmp/home', additions: {} });
  assert.is(homeOf('/srv/home', '/srv/home').additions.volumes?.length, 1);
});

test("the compose file tells the agent's user, home, targets and whether it only waits", () => {
  const text = (agent: string): string =>
    `name: x\nservices:\n  agent:\n    image: i\n    container_name: c\n${agent}    volumes:\n    - {target: /workspace}\n`;
  const agentOf = (agent: string) => parseComposeFile(text(agent)).agent;
  assert.equal(agentOf('    command: [sleep, infinity]\n    user: "1000"\n    environment: [A=1, HOME=/srv/$$x]\n'), {
    user: '1000',
    home: '/srv/$x',
    targets: ['/workspace'],
    isIdle: true,
  });
  assert.equal(agentOf('    command: [claude]\n    environment: {HOME: "${OTHER}"}\n'), {
    targets: ['/workspace'],
    isIdle: false,
  });
});

test.run();
