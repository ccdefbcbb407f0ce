import * as assert from 'uvu/assert';
import { capabilityDockerfile } from '../../../lib/deploy/images/capability-dockerfile.ts';
import { DockerfileProblem } from '../../../lib/operate/capabilities/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('deploy › the Dockerfile of approved capabilities');

const lines = (...args: Parameters<typeof capabilityDockerfile>): readonly string[] =>
  capabilityDockerfile(...args)
    .trimEnd()
    .split('\n');
const BASE = 'claude-bottle-capability-base:0123456789ab';

test('packages are installed as root, set-uid bits removed, and the user is the base’s again', () => {
  const text = lines(
    { version: 1, packages: { apt: ['jq', 'g++=4:12'], npm: ['@a/b@^1'], pip: ['x[y]==1'] } },
    BASE,
    'agent',
  );
  assert.equal([text[0], text[1], text.at(-1)], [`FROM ${BASE}`, 'USER 0:0', 'USER agent']);
  assert.match(text.at(-2) ?? '', /^RUN \["\/bin\/sh","-euc","find .* chmod a-s/);
  const steps = text.slice(2, -2);
  assert.is(steps.length, 4);
  assert.match(steps[0] ?? '', / -- 'jq' 'g\+\+=4:12'; /);
  assert.match(steps[1] ?? '', /npm install --global .* -- '@a\/b@\^1'; /);
  assert.match(steps[2] ?? '', /python3-pip/);
  assert.match(steps[3] ?? '', /-m pip install .* -- 'x\[y\]==1'; /);
  assert.ok(steps.every((step) => step.startsWith('RUN --mount=type=secret,id=extra_ca ["/bin/sh","-euc","')));
});

test('each apt name has to be that of a package before any is installed', () => {
  const [, , step = ''] = lines({ version: 1, packages: { apt: ['jq', 'g++=4:12'] } }, BASE, 'agent');
  const at = ["'Package: jq'", "'Package: g++'", 'apt-get $ca install'].map((part) => step.indexOf(part));
  assert.ok(at[0] !== -1 && (at[0] ?? 0) < (at[1] ?? 0) && (at[1] ?? 0) < (at[2] ?? 0), step);
});

test('a base that runs as root stays so, and only what is wanted is installed', () => {
  const text = lines({ version: 1, packages: { pip: ['six'] } }, BASE, '');
  assert.is(text.at(-1), 'USER 0:0');
  assert.is(text.filter((line) => line.includes('apt-get') && !line.includes('python3-pip')).length, 0);
  assert.is(text.filter((line) => line.includes('npm')).length, 0);
});

test('an operator’s instructions get neither root nor the secret unless they say so', () => {
  const dockerfile = 'FROM claude-bottle-agent:latest\nRUN one \\\n  two\nUSER root\nRUN three\n';
  const text = lines({ version: 1, packages: {}, dockerfile }, BASE, 'agent');
  assert.equal(text.slice(1, 7), ['USER 0:0', 'USER agent', 'RUN one   two', 'USER root', 'RUN three', 'USER 0:0']);
  assert.is(text.at(-1), 'USER agent');
  assert.not.match(text.join('\n'), /extra_ca/);
});

test('a Dockerfile that changed into one that would not be approved is refused at the build, too', () => {
  const dockerfile = 'FROM claude-bottle-agent:latest\nRUN --network=host true\n';
  assert.throws(
    () => capabilityDockerfile({ version: 1, packages: {}, dockerfile }, BASE, 'agent'),
    (error: unknown) => error instanceof DockerfileProblem,
  );
});

test.run();
