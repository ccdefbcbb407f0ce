/** A `docker` on PATH that records how it was called and answers by rule: for our own decisions only. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Answer {
  /** Shell pattern (`case`) that the words of the call, joined by spaces, have to match. */
  readonly call: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** Shell lines to run first. */
  readonly script?: string;
}

export interface FakeDocker {
  /** To be put in front of PATH. */
  readonly bin: string;
  readonly directory: string;
  /** The calls so far, words joined by spaces. */
  calls(): readonly string[];
  /** Environments that the calls got, one text of `NAME=value` lines each. */
  environments(): readonly string[];
  remove(): void;
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Answers are tried in order; a call that matches none fails loudly. */
export function fakeDocker(answers: readonly Answer[]): FakeDocker {
  const directory = mkdtempSync(join(tmpdir(), 'fake-docker-'));
  const bin = join(directory, 'bin');
  const log = join(directory, 'calls');
  mkdirSync(bin);
  mkdirSync(join(directory, 'env'));
  const cases = answers.map(
    ({ call, stdout = '', stderr = '', code = 0, script = '' }) =>
      `${call})\n${script}\nprintf '%s' ${quote(stdout)}\nprintf '%s' ${quote(stderr)} >&2\nexit ${code};;`,
  );
  const program = [
    '#!/bin/sh',
    `printf '%s\\n' "$*" >>${quote(log)}`,
    `env >${quote(join(directory, 'env'))}/$$`,
    'case "$*" in',
    ...cases,
    `*) echo "fake docker: no answer to: $*" >&2; exit 97;;`,
    'esac',
  ].join('\n');
  writeFileSync(join(bin, 'docker'), program);
  chmodSync(join(bin, 'docker'), 0o755);
  return {
    bin,
    directory,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
    environments: () =>
      readdirSync(join(directory, 'env')).map((name) => readFileSync(join(directory, 'env', name), 'utf8')),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** An environment in which `docker` is the fake one. */
export const environmentWith = (
  { bin }: FakeDocker,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({ PATH: `${bin}:/usr/bin:/bin`, HOME: '/nonexistent', ...more });

export const ENGINE: Answer = {
  call: '"version --format"*',
  stdout: '{"Client":{},"Server":{"Version":"20.10.24+dfsg1","Os":"linux"}}\n',
};
export const COMPOSE: Answer = { call: '"compose version"*', stdout: '2.26.1-4\n' };
/** Nothing exists on this engine. */
export const NOTHING: readonly Answer[] = [
  { call: '"container inspect"*', stderr: 'Error: No such container: x\n', code: 1 },
  { call: '"network inspect"*', stdout: '\n', stderr: 'Error response from daemon: network x not found\n', code: 1 },
  { call: '"volume inspect"*', stderr: 'Error response from daemon: get x: no such volume\n', code: 1 },
];
