import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { deploy, silent } from '../../../lib/deploy/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';
import { NOTHING_REQUIRED, writeAssembly } from './assembly.ts';
import { type Answer, COMPOSE, ENGINE, environmentWith, type FakeDocker, fakeDocker, NOTHING } from './fake-docker.ts';

const test = suite('images of a bottle', { timeoutMs: 30_000 });

let scratch = '';
let docker: FakeDocker;
test.before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'bottle-images-'));
});
test.afterEach(() => docker.remove());
test.after(() => rmSync(scratch, { recursive: true, force: true }));

/** An image that the engine holds and whose label says `scanner`. */
const held = (scanner: string): Answer => ({
  call: '"image inspect"*',
  stdout: `["sha256:${'a'.repeat(64)}",{"claude-bottle.scanner":"${scanner}"},"amd64"]\n`,
});

interface Given {
  readonly answers: readonly Answer[];
  readonly requires?: object;
  readonly contextScanner?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly home?: string;
  readonly project?: string;
}

/** The error with which a deploy ends on a fake engine that answers no more than `answers`. */
async function failure({ answers, requires = {}, env = {}, ...options }: Given): Promise<BottleError> {
  docker = fakeDocker([ENGINE, COMPOSE, ...NOTHING, ...answers]);
  const projectDir = options.project ?? mkdtempSync(join(scratch, 'project-'));
  const { contextScanner, signal } = options;
  try {
    await deploy({
      assemblyDir: writeAssembly(join(projectDir, 'dist'), { requires }),
      slugs: [],
      projectDir,
      home: options.home ?? mkdtempSync(join(scratch, 'home-')),
      env: { ...environmentWith(docker), ...env },
      progress: silent,
      ...(contextScanner === undefined ? {} : { contextScanner }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('the deploy succeeded');
}

test('a sidecar image of the user has to hold the scanner asked for, by definition, context or environment', async () => {
  const answers = [held('builtin')];
  const wishes: readonly (readonly [Partial<Given>, string])[] = [
    [{ requires: { scanner: 'pipelock' } }, 'the definition'],
    [{ contextScanner: 'pipelock' }, '-c scanner'],
    [{ env: { CLAUDE_BOTTLE_SCANNER: 'pipelock' } }, 'CLAUDE_BOTTLE_SCANNER'],
    [{ contextScanner: 'pipelock', env: { CLAUDE_BOTTLE_SCANNER: 'builtin' } }, '-c scanner'],
  ];
  for (const [wish, who] of wishes) {
    const error = await failure({ answers, ...wish });
    assert.is(error.code, 'images/scanner-mismatch');
    assert.match(error.message, who);
    docker.remove();
  }
  const agreed = await failure({ answers, contextScanner: 'builtin', env: { CLAUDE_BOTTLE_SCANNER: 'pipelock' } });
  assert.is.not(agreed.code, 'images/scanner-mismatch', 'the context wins over the environment');
});

test('an interrupted deploy ends the build with its children, and only then gives the lock back', async () => {
  const project = mkdtempSync(join(scratch, 'project-'));
  const home = mkdtempSync(join(scratch, 'home-'));
  mkdirSync(join(project, 'image'));
  writeFileSync(join(project, 'image/Dockerfile'), 'FROM scratch\n');
  const notes = join(scratch, 'build');
  // A build that needs a moment to end, with a child as docker has buildx.
  const child = `trap 'sleep 1; ls ${home}/state >${notes}.locks; exit 1' TERM; touch ${notes}.started; sleep 20 & wait`;
  const build = { call: 'build*', script: `sh -c "${child}" &\ntrap 'wait; exit 1' TERM\nwait\nsleep 20` };
  const controller = new AbortController();
  const image = { kind: 'build', context: 'image', args: {} };
  const ended = failure({
    answers: [build, { call: '"image inspect"*claude-bottle-user-*', code: 1 }, held('builtin')],
    requires: { images: { ...NOTHING_REQUIRED.images, sidecars: image } },
    signal: controller.signal,
    home,
    project,
  });
  while (!existsSync(`${notes}.started`)) await sleep(50);
  const aborted = Date.now();
  controller.abort();
  assert.is((await ended).code, 'interrupted');
  assert.ok(Date.now() - aborted < 6_000, `took ${Date.now() - aborted} ms`);
  assert.match(readFileSync(`${notes}.locks`, 'utf8'), 'demo.lock', 'held while the build still ran');
  assert.not.ok(existsSync(join(home, 'state/demo.lock')));
});

test.run();
