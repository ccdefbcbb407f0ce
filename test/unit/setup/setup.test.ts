import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { osRelease } from '../../../setup/debian.mjs';
import { composeIsNewEnough } from '../../../setup/install-engine.mjs';
import { shellScripts } from '../../../setup/lint-shell.mjs';
import { run } from '../../../setup/run.mjs';
import { suite } from '../../support/suite.ts';

const test = suite('set-up');
const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-setup-test-'));
const ROOT = join(import.meta.dirname, '..', '..', '..');

test.after(() => rmSync(folder, { recursive: true }));

test('Compose is new enough from 2.20 on, in the versions of packages too', () => {
  for (const version of ['2.20.0', 'v2.26.1', '2.26.1-4', '5.0.1']) assert.ok(composeIsNewEnough(version), version);
  for (const version of ['2.19.9', '1.29.2-3', '1.29', '']) assert.not.ok(composeIsNewEnough(version), version);
});

test('Debian, Ubuntu and what derives from them are told from other systems', () => {
  const release = (text: string) => {
    writeFileSync(join(folder, 'os-release'), text);
    return osRelease(join(folder, 'os-release'));
  };
  assert.equal(release('ID=debian\nVERSION_CODENAME=bookworm\n'), {
    id: 'debian',
    codename: 'bookworm',
    debianFamily: true,
  });
  assert.ok(release('ID=linuxmint\nID_LIKE="ubuntu debian"\n').debianFamily);
  assert.not.ok(release('ID=fedora\nID_LIKE="rhel"\n').debianFamily);
  assert.not.ok(osRelease(join(folder, 'none')).debianFamily);
});

test('shell scripts are found by name and by their first line', () => {
  const names = {
    'a.sh': 'echo',
    'env-bash': '#!/usr/bin/env bash\n',
    'bin-sh': '#!/bin/sh -eu\n',
    perl: '#!/usr/bin/perl\n',
    'node.mjs': '#!/usr/bin/env node\n',
    text: 'sh',
  };
  for (const [name, text] of Object.entries(names)) writeFileSync(join(folder, name), text);
  assert.equal(shellScripts(folder, [...Object.keys(names), 'deleted.sh', '']), ['a.sh', 'env-bash', 'bin-sh']);
});

test('a program that does not exist is exit code 127, not an exception', async () => {
  assert.is((await run('claude-bottle-no-such-program', [])).code, 127);
});

/** Runs `setup/demo.mjs` where the only programs are `programs` and Node. */
async function demoWith(programs: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv): Promise<string> {
  const bin = mkdtempSync(join(folder, 'bin-'));
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const child = spawn(process.execPath, ['setup/demo.mjs'], { cwd: ROOT, env: { ...env, PATH: `${bin}:/bin` } });
  const chunks: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  return `${code} ${Buffer.concat(chunks)}`;
}

const SILENT = { docker: '#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n' };

test('where installing is prevented, the set-up stops and says what to install', async () => {
  const output = await demoWith({ ...SILENT, dockerd: '#!/bin/sh\n' }, { CLAUDE_BOTTLE_NO_INSTALL: '1' });
  assert.match(output, /^1 set-up: .*CLAUDE_BOTTLE_NO_INSTALL is set/);
});

test('an engine that this user may not use is not replaced by another one', async () => {
  const docker = '#!/bin/sh\necho "permission denied while trying to connect" >&2\nexit 1\n';
  const output = await demoWith({ docker }, {});
  assert.match(output, /^1 set-up: a Docker engine runs, and this user may not use it/);
});

test.run();
