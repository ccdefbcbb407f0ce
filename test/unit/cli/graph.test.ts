import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { typescriptCommand } from '../../../examples/demo/typescript.ts';
import { bottle, ROOT } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('bottle graph', { timeoutMs: 60_000 });

const APP = ['--app', typescriptCommand(join(ROOT, 'examples/getting-started/app.ts'))];
const graph = (...args: string[]) => bottle(ROOT, ['graph', ...args, ...APP]);

let scratch = '';
test.before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-graph-test-'));
});
test.after(() => rmSync(scratch, { recursive: true, force: true }));

test('the picture in the reference is what the verb draws of the getting-started example', async () => {
  const { exitCode, stdout, stderr } = await graph('--format', 'svg');
  assert.is(exitCode, 0, stderr);
  const kept = readFileSync(join(ROOT, 'docs/getting-started.svg'), 'utf8');
  assert.is(stdout.trim(), kept.trim(), 'draw docs/getting-started.svg again with bottle graph, and look at it');
});

test('the suffix of the file says which kind of picture, and the file is the result', async () => {
  const file = join(scratch, 'topology.mmd');
  const { exitCode, stdout, stderr } = await graph('demo', '--file', file);
  assert.is(exitCode, 0, stderr);
  assert.is(stdout.trim(), file);
  assert.match(readFileSync(file, 'utf8'), /^flowchart LR\n/);
});

test('as JSON it is the data of the picture, with the line of each route', async () => {
  const { stdout } = await graph('--json');
  const { bottles } = JSON.parse(stdout) as {
    bottles: readonly { slug: string; routes: readonly { host: string; location?: { file: string } }[] }[];
  };
  assert.equal(
    bottles.map(({ slug }) => slug),
    ['demo'],
  );
  const [first] = bottles[0]?.routes ?? [];
  assert.is(first?.location?.file, 'examples/getting-started/app.ts');
});

test('what cannot be drawn or written is an error that says what can', async () => {
  const suffix = await graph('--file', join(scratch, 'topology.png'));
  assert.is(suffix.exitCode, 2);
  assert.match(suffix.stderr, /name a file that ends in \.html/);
  const unknown = await graph('demmo');
  assert.is(unknown.exitCode, 2);
  assert.match(unknown.stderr, 'no such bottle: demmo');
  const file = join(scratch, 'no/such/folder/topology.svg');
  const unwritable = await graph('--file', file);
  assert.is(unwritable.exitCode, 1);
  assert.match(unwritable.stderr, 'cannot be written');
  assert.not.ok(existsSync(file));
});

test.run();
