import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  type AppPaths,
  type HostBind,
  type HostInput,
  writtenPathProblems,
} from '../../../lib/deploy/preflight/app-paths.ts';
import { bindSourceProblems } from '../../../lib/deploy/preflight/bind-sources.ts';
import { suite } from '../../support/suite.ts';

const test = suite('preflight of paths');

let scratch = '';
let project = '';
let home = '';
function makeProject(): void {
  scratch = realpathSync(mkdtempSync(join(tmpdir(), 'preflight-paths-')));
  [project, home] = [join(scratch, 'project'), join(scratch, 'home')];
  mkdirSync(home);
  for (const directory of ['.git', 'bin', 'node_modules', 'infra/stacks', 'work/docs', 'data', 'dist']) {
    mkdirSync(join(project, directory), { recursive: true });
  }
  writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app: 'npx tsx tools/bottle/app.ts', output: 'out' }));
}

/** A test in a project of its own. */
function inProject(name: string, body: () => void): void {
  test(name, () => {
    makeProject();
    try {
      body();
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  symlinkSync(target, join(project, path));
}

function bindOf(source: string, writable: boolean, more: Partial<HostBind> = {}): HostBind {
  const path = source.startsWith('/') ? source : join(project, source);
  return { slug: 'demo', service: 'agent', target: '/data', path, real: realpathSync(path), writable, ...more };
}

const problems = (bind: HostBind, inputs: AppPaths['inputs'] = []): readonly string[] =>
  bindSourceProblems([bind], {
    projectDir: project,
    env: { HOME: home },
    assemblyDir: join(project, 'dist'),
    home: join(home, '.claude-bottle'),
    inputs,
  }).map(({ message }) => message);

const writable = (source: string): readonly string[] => problems(bindOf(source, true));
const written = (binds: readonly HostBind[], inputs: readonly HostInput[] = []): readonly string[] =>
  writtenPathProblems({ binds, inputs }).map(({ code }) => code);

inProject('a folder of data in the project may be written, as it stands and by its absolute path', () => {
  for (const source of ['work', 'work/docs', 'data', join(project, 'work')]) assert.equal(writable(source), []);
});

inProject('what the host runs may not be written, by whatever absolute path it is named', () => {
  mkdirSync(join(project, 'tools/bottle'), { recursive: true });
  mkdirSync(join(project, 'out'));
  for (const name of ['.git', 'bin', 'node_modules', 'infra', 'tools', 'tools/bottle', 'out', '.']) {
    assert.match(writable(join(project, name)).join(), /is run on the host|is the project/, name);
    const readOnly = problems(bindOf(name, false));
    assert.equal(readOnly, [], name);
  }
});

inProject('a link to what the host runs may not be written', () => {
  link('lnk', 'node_modules');
  link('work/deep', '../../project/.git');
  assert.match(writable('lnk').join(), /lnk, which is really .*node_modules, is run on the host/);
  assert.match(writable('work/deep').join(), /is run on the host/);
});

inProject('a link to any other folder of the project may not be written: synth has judged the name of the link', () => {
  mkdirSync(join(project, 'stacks'));
  link('lnk', 'stacks');
  assert.match(writable('lnk').join(), /by way of a link/);
});

inProject('a link to outside of the project may be written', () => {
  mkdirSync(join(scratch, 'elsewhere'));
  link('lnk', '../elsewhere');
  assert.equal(writable('lnk'), []);
});

inProject('a folder to which code of the project is linked may not be written', () => {
  mkdirSync(join(project, 'packages/tool'), { recursive: true });
  link('node_modules/@acme/tool', '../../packages/tool');
  link('src', 'data');
  assert.match(writable('packages').join(), /is run on the host/);
  assert.match(writable('data').join(), /is run on the host/);
});

inProject('a parent of the project may not be mounted at all', () => {
  assert.match(problems(bindOf(scratch, false)).join(), /contains/);
  link('up', '../..');
  assert.ok(problems(bindOf('up', false)).length > 0);
});

inProject('a mount that holds a link on the way to a key may not be', () => {
  mkdirSync(join(scratch, 'keys'));
  writeFileSync(join(scratch, 'keys/id'), '');
  link('data/id', '../../keys/id');
  const inputs = [{ kind: 'identity file', path: join(project, 'data/id') }] as const;
  assert.match(problems(bindOf('data', false), inputs).join(), /holds the identity file/);
  assert.equal(problems(bindOf('work', false), inputs), []);
});

inProject('a source in a writable one is refused, also through links and in another bottle', () => {
  link('lnk', 'work/docs');
  link('work/out', '../data');
  const outer = bindOf('work', true);
  const other = { slug: 'two' };
  for (const inner of ['work/docs', 'lnk', 'work/out', 'work']) {
    assert.equal(written([outer, bindOf(inner, false)]), ['deploy/bind-source-nested'], inner);
    assert.equal(written([bindOf(inner, false, other), outer]), ['deploy/bind-source-nested'], inner);
  }
  assert.equal(written([outer, bindOf('data', false)]), []);
  assert.equal(written([bindOf('work', false), bindOf('work/docs', true)]), []);
});

inProject('an input that a bottle can write, or lead elsewhere, is refused', () => {
  writeFileSync(join(project, 'data/ca.pem'), '');
  link('work/ca.pem', '../data/ca.pem');
  link('certs', 'data');
  for (const kind of ['trusted CA', 'identity file', 'build context'] as const) {
    const judged = (source: string, mount: string): readonly string[] =>
      written([bindOf(mount, true)], [{ kind, path: join(project, source) }]);
    assert.equal(judged('data/ca.pem', 'data'), ['deploy/input-writable']);
    assert.equal(judged('certs/ca.pem', 'data'), ['deploy/input-writable']);
    assert.equal(judged('work/ca.pem', 'work'), ['deploy/input-writable']);
    assert.equal(judged('data/ca.pem', 'work'), []);
    assert.equal(judged('data', 'data'), ['deploy/input-writable']);
  }
  const context = { kind: 'build context', path: join(project, 'work') } as const;
  assert.equal(written([bindOf('work/docs', true)], [context]), ['deploy/input-writable']);
  assert.equal(written([bindOf('work', false)], [context]), []);
});

inProject('one directory in the agent and in the bundle is refused where one can write it', () => {
  link('lnk', 'work');
  const bundle = bindOf('lnk', false, { service: 'sidecars' });
  assert.ok(written([bindOf('work/docs', true), bundle]).includes('deploy/bind-source-shared'));
  assert.equal(written([bindOf('work/docs', false), bundle]), []);
});

test('a socket or a pipe is not mounted, whatever its name and whichever link leads there', async () => {
  makeProject();
  const server = createServer();
  try {
    await new Promise<void>((listening) => server.listen(join(project, 'data/engine'), listening));
    execFileSync('mkfifo', [join(project, 'data/pipe')]);
    link('link', join(project, 'data/engine'));
    for (const source of ['data/engine', 'data/pipe', 'link']) {
      assert.match(problems(bindOf(source, false)).join(), 'is a socket, a pipe or a device', source);
    }
    assert.equal(problems(bindOf('data', false)), []);
  } finally {
    server.close();
    rmSync(scratch, { recursive: true, force: true });
  }
});

test.run();
