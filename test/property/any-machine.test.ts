/**
 * The same app has the same bytes whatever the locale, the time zone and the working directory, and twice in one process.
 *
 * FC_RUNS=200 npm run -s test:run -- test/property/any-machine.test.ts   for more apps
 */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execaNode } from 'execa';
import * as assert from 'uvu/assert';
import { runs } from '../support/runs.ts';
import { suite } from '../support/suite.ts';

const test = suite('any machine', { timeoutMs: 3_600_000 });

const ROOT = join(import.meta.dirname, '../..');
const SEED = Math.floor(Math.random() * 2 ** 31);
const { numRuns } = runs(10);

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-any-machine-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

type Digests = Readonly<Record<string, string>>;

/** SHA-256 of every file below `directory`. */
function digests(directory: string): Digests {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter((path) => statSync(join(directory, path)).isFile());
  const digest = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(directory, path)))
      .digest('hex');
  return Object.fromEntries(files.map((path) => [path, digest(path)]));
}

/** What a process of its own writes into each of `names`. */
async function synthesized(
  names: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = ROOT,
): Promise<readonly Digests[]> {
  const outdirs = names.map((name) => join(scratch, name));
  const script = join(ROOT, 'test/support/synth-any.ts');
  await execaNode(script, [String(SEED), String(numRuns), ...outdirs], {
    cwd,
    env,
    nodeOptions: ['--conditions=claude-bottle-source', '--import', import.meta.resolve('tsx')],
  });
  return outdirs.map(digests);
}

function assertSame(actual: Digests | undefined, expected: Digests | undefined): void {
  const keys = [...new Set([...Object.keys(actual ?? {}), ...Object.keys(expected ?? {})])];
  const differing = keys.filter((path) => actual?.[path] !== expected?.[path]);
  assert.is(differing.join(), '', `seed ${SEED}`);
}

let usual: Digests | undefined;
test.before(async () => {
  [usual] = await synthesized(['usual'], { TZ: 'UTC', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' });
});

test('there is something to compare: every app has its files', () => {
  const files = Object.keys(usual ?? {});
  for (let app = 0; app < numRuns; app += 1) {
    const own = files.filter((path) => path.startsWith(`${app}/`)).map((path) => basename(path));
    for (const name of ['manifest.json', 'tree.json', 'validation-report.json', 'compose.yaml', 'pipelock.yaml']) {
      assert.ok(own.includes(name), `${name} of app ${app}`);
    }
  }
});

test('a second synth in one process writes what the first one did', async () => {
  const [first, second] = await synthesized(['first', 'second']);
  assertSame(first, usual);
  assertSame(second, usual);
});

test('a Turkish locale, in which an I is no i, and a time zone of half an hour change no byte', async () => {
  const env = {
    TZ: 'Asia/Kolkata',
    LANG: 'tr_TR.UTF-8',
    LC_ALL: 'tr_TR.UTF-8',
    LANGUAGE: 'tr',
    LC_COLLATE: 'tr_TR.UTF-8',
  };
  assertSame((await synthesized(['turkish'], env))[0], usual);
});

test('another home, user, width and colors change no byte', async () => {
  const env = {
    HOME: '/nowhere',
    USER: 'somebody',
    COLUMNS: '20',
    FORCE_COLOR: '3',
    TERM: 'dumb',
    NODE_ENV: 'production',
  };
  assertSame((await synthesized(['elsewhere'], { ...env, TZ: 'America/St_Johns', LC_ALL: 'C' }))[0], usual);
});

/** These name lines of the definition, which are relative to the project. */
const WITH_PLACES = ['tree.json', 'validation-report.json'];

test('in another directory with a project of the same name, every file of a bottle and the manifest have the same bytes', async () => {
  const project = join(scratch, 'project');
  const { name } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly name: string };
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name }));
  const [other = {}] = await synthesized(['other'], {}, project);
  const files = (all: Digests): Digests =>
    Object.fromEntries(Object.entries(all).filter(([path]) => !WITH_PLACES.includes(basename(path))));
  assertSame(files(other), files(usual ?? {}));
});

test.run();
