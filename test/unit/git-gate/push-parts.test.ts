import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { findingLines, loggedFindings } from '../../../images/sidecars/git-gate/finding-lines.ts';
import { GitError, mirrorGit } from '../../../images/sidecars/git-gate/git.ts';
import { gitStream, TooLargeError } from '../../../images/sidecars/git-gate/git-stream.ts';
import { hiddenObjects } from '../../../images/sidecars/git-gate/hidden-objects.ts';
import { isLfsPointer, notesOf } from '../../../images/sidecars/git-gate/scan/notes.ts';
import { suite } from '../../support/suite.ts';

const test = suite('git-gate parts of a push', { timeoutMs: 60_000 });
let scratch = '';
let mirror = '';
const git = (...args: string[]): string => execFileSync('git', ['-C', mirror, ...args], { encoding: 'utf8' }).trim();

test.before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'git-gate-unit-'));
  mirror = join(scratch, 'm.git');
  execFileSync('git', ['init', '-q', '--bare', mirror]);
});
test.after(() => rmSync(scratch, { recursive: true, force: true }));

const collected = async (stream: AsyncIterable<Buffer>): Promise<string[]> => {
  const pieces: string[] = [];
  for await (const piece of stream) pieces.push(piece.toString());
  return pieces;
};
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch((error) => error);

test('reads what git prints piece by piece, and fails where git does', async () => {
  const blob = (text: string): string => {
    writeFileSync(join(scratch, 'blob'), text);
    return git('hash-object', '-w', join(scratch, 'blob'));
  };
  const show = (text: string, separator?: number) =>
    collected(
      gitStream(mirrorGit(mirror), ['cat-file', 'blob', blob(text)], separator === undefined ? {} : { separator }),
    );
  assert.equal(await show('a\nb\n\nc'), ['a', 'b', '', 'c']);
  assert.equal(await show('a\0b\0', 0), ['a', 'b']);
  assert.is((await show('x'.repeat(900_000))).length, 1);
  assert.instance(await failure(show('x'.repeat(1_500_000))), TooLargeError);
  assert.instance(
    await failure(collected(gitStream(mirrorGit(mirror), ['cat-file', 'blob', '0'.repeat(40)]))),
    GitError,
  );
});

test('counts the objects of a push that nothing leads to, and not what the mirror has', async () => {
  const quarantine = join(mirror, 'objects', 'tmp_objdir-incoming-x');
  execFileSync('mkdir', ['-p', quarantine]);
  const write = (text: string, env: NodeJS.ProcessEnv): string =>
    execFileSync('git', ['-C', mirror, 'hash-object', '-w', '--stdin'], {
      input: text,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    }).trim();
  const pushed = { GIT_OBJECT_DIRECTORY: quarantine };
  write('known', {});
  write('known', pushed);
  const reached = write('reached', pushed);
  const push = { directory: mirror, env: { ...mirrorGit(mirror).env, GIT_QUARANTINE_PATH: quarantine } };
  assert.is(await hiddenObjects(push, [{ id: reached }]), 0);
  write('hidden', pushed);
  assert.is(await hiddenObjects(push, [{ id: reached }]), 1);
  assert.is(await hiddenObjects(mirrorGit(mirror), []), 0, 'a push without a pack');
});

test('knows a pointer of Git LFS, and says what a push names and does not carry', () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n';
  assert.ok(isLfsPointer(Buffer.from(pointer)));
  assert.not(isLfsPointer(Buffer.from(pointer.padEnd(1024))));
  assert.not(isLfsPointer(Buffer.from(` ${pointer}`)));
  assert.equal(notesOf({ lfsPointers: 0, submodules: 0 }), []);
  const [lfs, submodules] = notesOf({ lfsPointers: 2, submodules: 1 });
  assert.match(lfs ?? '', '2 Git LFS pointers pushed without contents');
  assert.match(submodules ?? '', '1 submodule entry pushed');
});

test('logs findings as data, and withholds the name that one lies in', async () => {
  const commit = 'c'.repeat(40);
  const secret = { rule: 'r', item: { kind: 'path', path: 'a/SECRET', commit } } as const;
  const below = { rule: 'r', item: { kind: 'submodule', path: 'a/SECRET', commit, id: 'd'.repeat(40) } } as const;
  const tag = { rule: 's', item: { kind: 'object', id: 'e'.repeat(40), type: 'tag', path: '' } } as const;
  const logged = await loggedFindings(mirrorGit(mirror), [secret, below, tag], []);
  assert.equal(logged, [
    { rule: 'r', in: 'name of a file', commit },
    { rule: 'r', in: 'id of a submodule', file: '(name withheld)', commit },
    { rule: 's', in: 'tag', object: 'e'.repeat(40) },
  ]);
  assert.equal(findingLines(logged, 5).slice(2), [
    'secret found by rule s in the tag object eeeeeeeeeeee (message, names or headers)',
    'and 2 more findings',
  ]);
});

test.run();
