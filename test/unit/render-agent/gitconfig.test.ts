import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { GitRemotePlan } from '../../../lib/plan/index.ts';
import { renderGitconfig } from '../../../lib/render/agent/gitconfig.ts';
import { HOST_KEY } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('render › agent › gitconfig');

const remote = (name: string, url: string): GitRemotePlan => ({
  name,
  url,
  identityFile: '~/.ssh/id_ed25519',
  knownHostKey: HOST_KEY,
  access: 'push',
  protectedPaths: [],
  allow: { force: false, delete: false, tags: false },
});

let directory = '';
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'gitconfig-test-'));
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

/** What the real git makes of `url`, for fetching or pushing, in a repository whose system file is ours. */
function rewritten(remotes: readonly GitRemotePlan[], url: string, direction: 'fetch' | 'push' = 'fetch'): string {
  const system = join(directory, 'gitconfig');
  writeFileSync(system, renderGitconfig(remotes));
  const env = { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_SYSTEM: system, GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: directory, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  git('init', '--quiet', 'repo');
  git('-C', 'repo', 'config', '--replace-all', 'remote.origin.url', url);
  return git('-C', 'repo', 'remote', 'get-url', ...(direction === 'push' ? ['--push'] : []), 'origin');
}

const APP = [remote('app', 'ssh://git@git.example.org/acme/app.git')];

for (const url of [
  'ssh://git@git.example.org/acme/app.git',
  'ssh://git@git.example.org/acme/app',
  'ssh://git@git.example.org:22/acme/app.git',
  'git+ssh://git@git.example.org/acme/app.git',
  'git@git.example.org:acme/app.git',
  'git@git.example.org:acme/app',
  'git@git.example.org:/acme/app.git',
  'git://git.example.org/acme/app.git',
]) {
  test(`${url} is git-gate's mirror, for fetching and pushing`, () => {
    assert.is(rewritten(APP, url), 'git://git-gate/app.git');
    assert.is(rewritten(APP, url, 'push'), 'git://git-gate/app.git');
  });
}

for (const url of ['https://git.example.org/acme/app.git', 'https://git.example.org/acme/app']) {
  test(`${url} is fetched by the routes of egress and pushed through git-gate`, () => {
    assert.is(rewritten(APP, url), url);
    assert.is(rewritten(APP, url, 'push'), 'git://git-gate/app.git');
  });
}

for (const url of [
  'ssh://git@git.example.org:2222/acme/app.git',
  'ssh://other@git.example.org/acme/app.git',
  'ssh://git@git.example.org/acme/other.git',
  'ssh://git@example.org/acme/app.git',
  'https://git.example.org/acme/other.git',
]) {
  test(`${url} is left alone`, () => {
    assert.is(rewritten(APP, url), url);
    assert.is(rewritten(APP, url, 'push'), url);
  });
}

test('an undeclared repository whose name begins like a declared one never becomes another declared one', () => {
  const remotes = [...APP, remote('app2', 'ssh://git@git.example.org/other/app2.git')];
  assert.is.not(rewritten(remotes, 'ssh://git@git.example.org/acme/app2.git'), 'git://git-gate/app2.git');
});

test('of two remotes, one a prefix of the other, each has its own mirror', () => {
  const remotes = [...APP, remote('tools', 'git@git.example.org:acme/app-tools.git')];
  assert.is(rewritten(remotes, 'git@git.example.org:acme/app-tools.git'), 'git://git-gate/tools.git');
  assert.is(rewritten(remotes, 'ssh://git@git.example.org/acme/app-tools'), 'git://git-gate/tools.git');
  assert.is(rewritten(remotes, 'git@git.example.org:acme/app'), 'git://git-gate/app.git');
});

test('a remote on another port is found by its port only', () => {
  const remotes = [remote('app', 'ssh://git@git.example.org:2222/acme/app.git')];
  assert.is(rewritten(remotes, 'ssh://git@git.example.org:2222/acme/app'), 'git://git-gate/app.git');
  assert.is(rewritten(remotes, 'git@git.example.org:acme/app.git'), 'git@git.example.org:acme/app.git');
});

test('a spelling that one definition uses is not taken by one that is derived from another', () => {
  const absolute = remote('absolute', 'ssh://git@git.example.org/acme/app.git');
  const relative = remote('relative', 'git@git.example.org:acme/app.git');
  for (const remotes of [
    [absolute, relative],
    [relative, absolute],
  ]) {
    assert.is(rewritten(remotes, absolute.url), 'git://git-gate/absolute.git');
    assert.is(rewritten(remotes, relative.url), 'git://git-gate/relative.git');
  }
});

test('a host in capital letters is found as spelled and in lower case', () => {
  const remotes = [remote('app', 'git@Git.Example.ORG:acme/app.git')];
  assert.is(rewritten(remotes, 'git@Git.Example.ORG:acme/app.git'), 'git://git-gate/app.git');
  assert.is(rewritten(remotes, 'git@git.example.org:acme/app.git'), 'git://git-gate/app.git');
});

test.run();
