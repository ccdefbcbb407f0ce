import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { SynthError, synthesize } from '../../../lib/assembly/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import type { Finding } from '../../../lib/plan/index.ts';
import { fullMatrix, planWith, SLUG } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('synthesize');

let outdir = '';
test.beforeEach(() => {
  outdir = join(mkdtempSync(join(tmpdir(), 'claude-bottle-assembly-')), 'dist');
});
test.afterEach(() => rmSync(join(outdir, '..'), { recursive: true, force: true }));

const ERROR: Finding = { rule: 'bottles::x', severity: 'error', path: 'demo', message: 'wrong', fix: 'mend it' };

/** Texts by path below `directory`. */
function tree(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(directory.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

test('the same plans give the same bytes', () => {
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  const first = tree(outdir);
  rmSync(outdir, { recursive: true });
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.equal(tree(outdir), first);
  assert.ok(`${SLUG}/compose.yaml` in first);
  assert.ok('manifest.json' in first);
});

test('an error writes nothing and leaves the last good output alone', () => {
  assert.throws(
    () => synthesize({ plans: [], findings: [ERROR], outdir }),
    (error: unknown) => error instanceof SynthError,
  );
  assert.not.ok(existsSync(outdir));
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  const good = tree(outdir);
  assert.throws(() => synthesize({ plans: [planWith([])], findings: [ERROR], outdir }));
  assert.equal(tree(outdir), good);
});

test('what an earlier synth wrote and this one does not is removed, and nothing else', () => {
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  writeFileSync(join(outdir, 'mine.txt'), 'keep');
  synthesize({ plans: [planWith([])], findings: [], outdir });
  assert.not.ok(existsSync(join(outdir, SLUG, 'egress')));
  assert.is(readFileSync(join(outdir, 'mine.txt'), 'utf8'), 'keep');
});

test('a manifest that lists a path outside the output directory removes nothing there', () => {
  const victim = join(outdir, '..', 'victim');
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  writeFileSync(victim, 'keep');
  const forged = {
    version: 1,
    app: 'x',
    bottles: { '..': { files: { victim: '' } }, a: { files: { '../../victim': '' } } },
  };
  writeFileSync(join(outdir, 'manifest.json'), JSON.stringify(forged));
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.is(readFileSync(victim, 'utf8'), 'keep');
});

test('an unchanged file is not rewritten', () => {
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  const file = join(outdir, SLUG, 'compose.yaml');
  const before = statSync(file).ino;
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.is(statSync(file).ino, before);
});

test('an output path that is a file is an error that names it, and the file stays', () => {
  writeFileSync(outdir, 'a file');
  try {
    synthesize({ plans: [fullMatrix()], findings: [], outdir });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, BottleError);
    assert.match(String(error), outdir);
  }
  assert.is(readFileSync(outdir, 'utf8'), 'a file');
});

test('a file that no synth has written stays as it is, and is named', () => {
  const page = join(outdir, 'manifest.json');
  mkdirSync(outdir, { recursive: true });
  writeFileSync(page, '{"name":"a web page"}');
  assert.throws(
    () => synthesize({ plans: [fullMatrix()], findings: [], outdir }),
    (error: unknown) =>
      error instanceof BottleError && error.code === 'synth/foreign-output' && error.message.includes(page),
  );
  assert.equal(readdirSync(outdir), ['manifest.json']);
  assert.is(readFileSync(page, 'utf8'), '{"name":"a web page"}');
  rmSync(page);
  writeFileSync(join(outdir, 'notes.txt'), 'mine');
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.is(readFileSync(join(outdir, 'notes.txt'), 'utf8'), 'mine');
});

test('nothing of the staging directory is left', () => {
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.not.ok(readdirSync(outdir).some((name) => name.startsWith('.')));
});

/** The number of a process that has ended, and whose parent has seen it end. */
const endedPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

test('what a killed synth left is removed by the next, and nothing of a process that lives', () => {
  const ours = `.staging-${process.ppid}-0a1b2c3d`;
  const ofOthers = [ours, '.staging-1-0a1b2c3d', `.staging-${endedPid()}-0a1b2c3d-00000000`, '.staging-notes'];
  const left = `.staging-${endedPid()}-0a1b2c3d`;
  for (const name of [...ofOthers, left]) {
    mkdirSync(join(outdir, name, SLUG), { recursive: true });
    writeFileSync(join(outdir, name, SLUG, 'compose.yaml'), 'services: {}');
  }
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.equal(
    readdirSync(outdir).filter((name) => name.startsWith('.')),
    [...ofOthers].sort(),
  );
});

test('a synth that is killed while it writes is cleaned up by the next', () => {
  const file = join(import.meta.dirname, '../../../lib/assembly/write.ts');
  const program = `import { replaceFiles } from ${JSON.stringify(file)};
    const files = new Map([['manifest.json', Buffer.from('{}')]]);
    files[Symbol.iterator] = function* () { yield ['demo/a', Buffer.from('a')]; process.kill(process.pid, 'SIGKILL'); for (;;) yield ['demo/a', Buffer.from('a')]; };
    replaceFiles(${JSON.stringify(outdir)}, files, []);`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program];
  assert.is(spawnSync(process.execPath, args).signal, 'SIGKILL');
  assert.match(readdirSync(outdir).join(' '), '.staging-');
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.not.ok(readdirSync(outdir).some((name) => name.startsWith('.')));
});

test('a first synth that was killed before its manifest was in place is gone on with', () => {
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  for (const name of ['manifest.json', 'validation-report.json']) rmSync(join(outdir, name));
  synthesize({ plans: [fullMatrix()], findings: [], outdir });
  assert.ok(existsSync(join(outdir, 'manifest.json')));
});

test('the manifest says what deploy must bring, by name and never by value', () => {
  const { manifest } = synthesize({ plans: [fullMatrix()], findings: [], outdir });
  const requires = manifest.bottles[SLUG]?.requires;
  assert.equal(requires?.hostVariables, [
    { name: 'CLAUDE_CODE_OAUTH_TOKEN', neededBy: ['route api.anthropic.com'] },
    { name: 'GH_TOKEN', neededBy: ['route api.github.com'] },
    { name: 'LANG', neededBy: ['agent variable LANG'] },
  ]);
  assert.equal(requires?.tokens, [
    { slot: 'EGRESS_TOKEN_0', from: 'CLAUDE_CODE_OAUTH_TOKEN' },
    { slot: 'EGRESS_TOKEN_1', from: 'GH_TOKEN' },
  ]);
  assert.equal(requires?.identityFiles, [{ remote: 'app', path: '~/.ssh/id_ed25519' }]);
});

test.run();
