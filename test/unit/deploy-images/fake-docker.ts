/** A `docker` on PATH that keeps images in a file and records its argv: for our own decisions, never for containment. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../../lib/deploy/images/docker.ts';

export interface EngineState {
  /** What the engine holds: labels by reference. */
  images: Record<string, Record<string, string>>;
  /** What registries serve: digest by reference; null: no registry answers. */
  registry: Record<string, string> | null;
}

export interface FakeDocker {
  readonly env: Environment;
  readonly folder: string;
  state(): EngineState;
  set(state: Partial<EngineState>): void;
  /** Each call's argv, in order; those of one command where it is given. */
  calls(command?: string): readonly (readonly string[])[];
  remove(): void;
}

const PROGRAM = `#!/usr/bin/env node
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const folder = __dirname;
const argv = process.argv.slice(2);
appendFileSync(folder + '/calls', JSON.stringify(argv) + '\\n');
const state = JSON.parse(readFileSync(folder + '/state'));
const last = argv.at(-1);
const fail = (text) => { process.stderr.write(text + '\\n'); process.exit(1); };
const after = (flag) => argv.flatMap((word, i) => (argv[i - 1] === flag ? [word] : []));
const id = (text) => 'sha256:' + createHash('sha256').update(text).digest('hex');
const hold = (reference, labels) => {
  state.images[reference] = labels;
  writeFileSync(folder + '/state', JSON.stringify(state));
};
switch (argv[0]) {
  case 'version': console.log('amd64'); break;
  case 'image':
    if (!(last in state.images)) fail('Error: No such image: ' + last);
    console.log(JSON.stringify([id(last), state.images[last], 'amd64']));
    break;
  case 'pull': {
    if (state.registry === null) fail('Error response from daemon: Get "https://x/v2/": dial tcp: lookup x: no such host');
    if (!(last in state.registry)) fail('Error response from daemon: manifest for ' + last + ' not found');
    hold(last, {});
    console.log('tag: Pulling from x\\nDigest: ' + state.registry[last] + '\\nStatus: Downloaded newer image');
    break;
  }
  case 'build': {
    const scanner = after('--build-arg').find((arg) => arg.startsWith('SCANNER='));
    hold(after('--tag')[0], scanner ? { 'claude-bottle.scanner': scanner.slice(8) } : {});
    console.error('#1 [1/2] FROM base');
    break;
  }
  case 'tag': hold(last, state.images[argv[1]]); break;
  case 'rmi': break;
  default: fail('unexpected: ' + argv.join(' '));
}
`;

/** A fake engine with an empty store and no registry. */
export function fakeDocker(): FakeDocker {
  const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-fake-docker-'));
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'docker'), PROGRAM);
  chmodSync(join(folder, 'docker'), 0o755);
  const file = join(folder, 'state');
  const state = (): EngineState => JSON.parse(readFileSync(file, 'utf8')) as EngineState;
  writeFileSync(file, JSON.stringify({ images: {}, registry: null }));
  return {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder },
    folder,
    state,
    set: (change) => writeFileSync(file, JSON.stringify({ ...state(), ...change })),
    calls: (command) => {
      const path = join(folder, 'calls');
      const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
      const all = lines.map((line) => JSON.parse(line) as string[]);
      return command === undefined ? all : all.filter(([first]) => first === command);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
