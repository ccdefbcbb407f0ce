/** The real `docker compose` accepts what synth writes; no engine is needed for that. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('docker compose config', { timeoutMs: 60_000 });

const GOLDEN = join(import.meta.dirname, '../golden/files');
const ENVIRONMENT = {
  CLAUDE_BOTTLE_PROJECT_DIR: '/project',
  CLAUDE_BOTTLE_ANSWER_AGENT_LANG: 'C',
  CLAUDE_BOTTLE_ANSWER_SIDECARS_LANG: 'C',
  EGRESS_TOKEN_0: 'zero',
  EGRESS_TOKEN_1: 'one',
};

interface Configured {
  readonly services: Readonly<
    Record<
      string,
      { environment: Record<string, string | null>; networks: Record<string, { aliases?: string[] } | null> }
    >
  >;
}

const config = (name: string, ...args: string[]) =>
  execa('docker', ['compose', '--file', join(GOLDEN, name, 'compose.yaml'), 'config', ...args], {
    env: ENVIRONMENT,
    reject: false,
    stdin: 'ignore',
  });

const rendered = readdirSync(GOLDEN).filter((name) => existsSync(join(GOLDEN, name, 'compose.yaml')));

for (const name of rendered.sort()) {
  test(`accepts the bottle of ${name}, without a warning`, async () => {
    const { exitCode, stderr } = await config(name, '--quiet');
    assert.is(exitCode, 0, stderr);
    assert.is(stderr, '');
  });
}

test('reads the full matrix as it is meant: tokens from the environment, aliases on one network', async () => {
  const { stdout } = await config('pipelock+egress+git-gate+supervise', '--format', 'json');
  const { services } = JSON.parse(stdout) as Configured;
  assert.is(services['sidecars']?.environment['EGRESS_TOKEN_0'], 'zero');
  assert.is(services['sidecars']?.networks['internal']?.aliases?.length, 8);
  assert.is(services['sidecars']?.networks['egress'], null);
  assert.not.ok('EGRESS_TOKEN_0' in (services['agent']?.environment ?? {}));
});

test('reads the split shape as it is meant: tokens in egress alone, names on the serving network alone', async () => {
  const { stdout } = await config('split-pipelock+egress+git-gate+supervise', '--format', 'json');
  const { services } = JSON.parse(stdout) as Configured;
  const holders = Object.keys(services).filter((name) => 'EGRESS_TOKEN_0' in (services[name]?.environment ?? {}));
  assert.equal(holders, ['egress']);
  assert.is(services['egress']?.environment['EGRESS_TOKEN_0'], 'zero');
  assert.is(services['egress']?.networks['internal']?.aliases?.length, 3);
  assert.is(services['egress']?.networks['inner'], null);
  assert.is(services['pipelock']?.networks['inner']?.aliases?.length, 3);
  assert.is(services['pipelock']?.networks['egress'], null);
});

test('reads a dollar sign in an override as a dollar sign, whatever the environment has', async () => {
  const { stdout } = await config('overrides', '--format', 'json');
  const { services } = JSON.parse(stdout) as Configured;
  // What it prints is a compose file again, and so escaped again.
  assert.is(services['agent']?.environment['PRICE'], '5$$ $${HOME}');
});

test('refuses a file that is not of the specification', async () => {
  const { exitCode } = await execa('docker', ['compose', '--file', '-', 'config', '--quiet'], {
    input: 'services:\n  a:\n    imagee: x\n',
    reject: false,
  });
  assert.is.not(exitCode, 0);
});

test.run();
