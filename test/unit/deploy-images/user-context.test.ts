import { chmodSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { baseReferences, userContext } from '../../../lib/deploy/images/user-context.ts';
import { suite } from '../../support/suite.ts';
import { type Tree, withFolder } from '../deploy-workspace/folder.ts';

const test = suite('build context of a user');

const TREE: Tree = { Dockerfile: 'FROM scratch\n', 'a.txt': 'a', 'sub/b.txt': 'b', link: { to: 'a.txt' } };

const seen = (tree: Tree, change = (_: string): void => {}, inputs: Record<string, string> = {}) =>
  withFolder(tree, (root) => {
    change(root);
    return userContext(root, join(root, 'Dockerfile'), inputs);
  });
const hashOf = async (...given: Parameters<typeof seen>): Promise<string> => (await seen(...given)).hash;

test('the same context is the same wherever it lies and whenever it was written', async () => {
  const old = (root: string): void => utimesSync(join(root, 'a.txt'), 1, 1);
  assert.is(await hashOf(TREE), await hashOf(TREE, old));
});

test('content, name, mode, link, Dockerfile and arguments each make another one', async () => {
  const first = await hashOf(TREE);
  const others = await Promise.all([
    hashOf({ ...TREE, 'a.txt': 'A' }),
    hashOf({ ...TREE, 'c.txt': '' }),
    hashOf({ ...TREE, link: { to: 'sub/b.txt' } }),
    hashOf({ ...TREE, Dockerfile: 'FROM scratch\nUSER 1\n' }),
    hashOf(TREE, (root) => chmodSync(join(root, 'a.txt'), 0o755)),
    hashOf(TREE, undefined, { 'arg A': '1' }),
  ]);
  assert.is(new Set([first, ...others]).size, 7);
});

test('what .dockerignore leaves out is not seen, and what it takes back is', async () => {
  const ignored: Tree = { ...TREE, '.dockerignore': 'logs\n!logs/keep\n*.tmp\n' };
  const first = await hashOf(ignored);
  assert.is(
    await hashOf({ ...ignored, 'logs/x': '1', 'y.tmp': '', '.env': '' }),
    await hashOf({ ...ignored, '.env': '' }),
  );
  assert.is.not(await hashOf({ ...ignored, 'logs/keep': '1' }), first);
  const own: Tree = { ...ignored, 'Dockerfile.dockerignore': 'sub\n' };
  assert.is(await hashOf(own), await hashOf({ ...own, 'sub/more': '' }));
});

test('credentials are named, but for those that are left out', async () => {
  const tree: Tree = { ...TREE, '.env': 'A=1', 'keys/id_rsa': '', '.npmrc': 'registry=https://npm.example.org' };
  assert.equal((await seen(tree)).credentials, ['.env', 'keys/id_rsa']);
  assert.equal((await seen({ ...tree, '.dockerignore': '.env\nkeys\n' })).credentials, []);
});

test('a context of many and of large files is read to its end', async () => {
  const large = (byte: string) => (root: string) =>
    writeFileSync(join(root, 'large'), `${'x'.repeat(3_000_000)}${byte}`);
  assert.is.not(await hashOf(TREE, large('a')), await hashOf(TREE, large('b')));
});

test('the images that a Dockerfile starts from are found, arguments put in', () => {
  const dockerfile = [
    'ARG BASE=debian:trixie-slim',
    'ARG TAG',
    'FROM --platform=linux/amd64 ${BASE} AS one',
    'FROM example.org/tool:$TAG',
    'FROM ${OTHER:-alpine:3}',
    'FROM scratch',
    'COPY --from=one /a /a',
    'COPY --from=0 /a /b',
    'COPY --chmod=755 --from=ghcr.io/x/y:1 /a /c',
  ].join('\n');
  assert.equal(baseReferences(dockerfile, { TAG: '2' }), [
    'alpine:3',
    'debian:trixie-slim',
    'example.org/tool:2',
    'ghcr.io/x/y:1',
    'one',
  ]);
  assert.ok(baseReferences(dockerfile, { BASE: 'other:1' }).includes('other:1'));
});

test.run();
