/** The entrypoint on this machine: rendered for directories of its own, run by the real shells. */

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderClaudeFiles } from '../../../lib/render/agent/claude.ts';
import { renderEntrypoint } from '../../../lib/render/agent/entrypoint.ts';
import type { Suite } from '../../support/suite.ts';

export interface BoxOptions {
  /** Repository to clone; absent: no workspace. */
  readonly url?: string;
  /** Another kind of workspace. */
  readonly step?:
    | { readonly kind: 'copy'; readonly source: string }
    | { readonly kind: 'bind'; readonly readOnly: boolean; readonly guard?: string };
  /** True unless given. */
  readonly supervise?: boolean;
}

export const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

export const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { encoding: 'utf8' });

/** One agent's directories, with the script rendered for them. */
export class Box {
  readonly dir: string;
  readonly script: string;
  readonly #started: ChildProcess[] = [];

  constructor(dir: string, options: BoxOptions) {
    this.dir = dir;
    const agentDir = join(this.dir, 'agent');
    this.script = join(agentDir, 'entrypoint.sh');
    for (const name of ['home', 'workspace', 'tmp', 'bin']) mkdirSync(join(this.dir, name), { recursive: true });
    const supervise = options.supervise ?? true;
    const step = options.url === undefined ? options.step : ({ kind: 'clone', url: options.url } as const);
    const files = {
      'entrypoint.sh': renderEntrypoint({
        agentDir,
        statusFile: join(this.dir, 'tmp/status'),
        supervise,
        ...(step === undefined ? {} : { workspace: { directory: join(this.dir, 'workspace/app'), ...step } }),
      }),
      ...renderClaudeFiles(supervise),
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(agentDir, name)), { recursive: true });
      writeFileSync(join(agentDir, name), text);
    }
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Puts a program in front of the PATH. */
  program(name: string, text: string): void {
    writeFileSync(this.path(`bin/${name}`), `#!/bin/sh\n${text}\n`);
    chmodSync(this.path(`bin/${name}`), 0o755);
  }

  env(path = `${this.path('bin')}:${process.env['PATH']}`): NodeJS.ProcessEnv {
    return { PATH: path, HOME: this.path('home'), GIT_CONFIG_GLOBAL: '/dev/null' };
  }

  run(command: readonly string[], shell = 'sh', env = this.env()) {
    return spawnSync(shell, [this.script, ...command], {
      env,
      input: 'from stdin\n',
      encoding: 'utf8',
      timeout: 9_000,
    });
  }

  start(...command: string[]): ChildProcess {
    const child = spawn('sh', [this.script, ...command], { env: this.env(), stdio: 'ignore', detached: true });
    this.#started.push(child);
    return child;
  }

  /** Ends what a failed test has left running. */
  stop(): void {
    for (const { pid, exitCode } of this.#started) {
      if (pid === undefined || exitCode !== null) continue;
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  }
}

export interface Boxes {
  /** A repository with one commit, whose README says hello. */
  readonly upstream: string;
  path(name: string): string;
  box(options?: BoxOptions): Box;
}

/** Boxes for the tests of one suite, in a directory that is removed at its end. */
export function boxesFor(test: Suite): Boxes {
  const root = mkdtempSync(join(tmpdir(), 'entrypoint test '));
  const upstream = join(root, 'upstream');
  const boxes: Box[] = [];
  test.before(() => {
    git('init', '--quiet', upstream);
    writeFileSync(join(upstream, 'README'), 'hello\n');
    git('-C', upstream, 'add', '.');
    git('-C', upstream, 'commit', '--quiet', '-m', 'first');
  });
  test.afterEach(() => {
    for (const box of boxes) box.stop();
  });
  test.after(() => rmSync(root, { recursive: true, force: true }));
  return {
    upstream,
    path: (name) => join(root, name),
    box(options = {}) {
      const box = new Box(join(root, `box ${boxes.length}`), options);
      boxes.push(box);
      return box;
    },
  };
}
