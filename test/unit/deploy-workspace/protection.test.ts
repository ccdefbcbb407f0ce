import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { submodulePaths } from '../../../lib/deploy/workspace/git-facts.ts';
import { type Protection, protectionOf } from '../../../lib/deploy/workspace/protection.ts';
import { PROTECTED_PATHS } from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';
import { git, type Tree, withFolder } from './folder.ts';

const test = suite('protected paths of a workspace');

const MADE = PROTECTED_PATHS.filter(({ made }) => made).map(({ path }) => path);

const protectionIn = (tree: Tree, submodules: readonly string[] = []): Promise<Protection> =>
  withFolder(tree, (root) => protectionOf(root, submodules));

const shown = ({ guarded }: Protection): readonly string[] => guarded.map(({ how, path }) => `${how} ${path}`);
const codes = ({ problems }: Protection): readonly string[] => problems.map(({ code }) => code);

test('an empty directory gets what a person opens it with made, and nothing else', async () => {
  const found = await protectionIn({});
  assert.equal([...found.missing].sort(), [...MADE].sort());
  assert.equal(
    shown(found),
    [...MADE].sort().map((path) => `ro ${path}`),
  );
  assert.ok(MADE.includes('.git') && MADE.includes('.vscode'));
});

test('what is there is protected, files and directories alike, and what is no setting is not', async () => {
  const found = await protectionIn({
    '.git/config': '',
    '.husky': null,
    '.envrc': '',
    '.mcp.json': '{}',
    'src/a.ts': '',
  });
  for (const path of ['.git', '.husky', '.envrc', '.mcp.json']) assert.ok(shown(found).includes(`ro ${path}`), path);
  assert.not.ok(shown(found).some((line) => /src|lefthook/.test(line)));
  assert.not.ok(found.missing.includes('.git'));
});

test('a repository further down is protected, and what is above it cannot be renamed', async () => {
  const found = await protectionIn({ 'vendor/lib/.git': 'gitdir: ../../.git/modules/lib\n', 'vendor/lib/a': '' });
  const lines = shown(found);
  assert.equal(
    lines.filter((line) => line.includes('vendor')),
    ['rw vendor', 'rw vendor/lib', 'ro vendor/lib/.git'],
  );
  assert.ok(lines.indexOf('rw vendor') < lines.indexOf('ro vendor/lib/.git'));
});

test('a repository in what is read-only already is not mounted once more', async () => {
  const lines = shown(await protectionIn({ '.git/modules/a/.git': null, '.husky/x/.git': null }));
  assert.not.ok(lines.some((line) => /modules|husky\/x/.test(line)));
});

test('a link in the place of a protected path is refused, wherever it leads', async () => {
  for (const tree of [
    { '.vscode': { to: 'settings' }, settings: null },
    { '.git': { to: '/nowhere' } },
    { '.envrc': { to: 'x' } },
    { 'sub/.git': { to: '../.git' }, '.git': null },
  ] satisfies Tree[]) {
    assert.equal(codes(await protectionIn(tree)), ['deploy/protected-path-link']);
  }
});

test('a directory that is a link is not looked into', async () => {
  const found = await protectionIn({ real: null, 'other/.git': null, link: { to: 'other' } });
  assert.equal(
    shown(found).filter((line) => line.includes('link')),
    [],
  );
});

test('hooks and configuration that git is told to read in the workspace are protected, too', async () => {
  const config = '[core]\n\thooksPath = "tools/hooks"\n[include]\n\tpath = ../shared.gitconfig\n';
  const found = await protectionIn({ '.git/config': config, 'tools/hooks/pre-commit': '', 'shared.gitconfig': '' });
  for (const line of ['rw tools', 'ro tools/hooks', 'ro shared.gitconfig'])
    assert.ok(shown(found).includes(line), line);
  const missing = await protectionIn({ '.git/config': '[core]\nhooksPath=ci/hooks\n' });
  assert.equal(missing.missing.slice(-2), ['ci', 'ci/hooks']);
  const root = await protectionIn({ '.git/config': '[core]\nhooksPath = .\n' });
  assert.equal(codes(root), ['deploy/protected-path-root']);
  const away = await protectionIn({ '.git/config': '[core]\nhooksPath = /etc/hooks\n[include]\npath = ~/x\n' });
  assert.equal([codes(away), away.missing.includes('.git')], [[], false]);
});

test('the repository of a worktree is protected where it is in the workspace, and told where it is not', async () => {
  const inside = await protectionIn({ '.git': 'gitdir: ./.bare\n', '.bare/config': '' });
  assert.ok(shown(inside).includes('ro .bare') && shown(inside).includes('ro .git'));
  assert.is(inside.outside, undefined);
  const outside = await protectionIn({ '.git': 'gitdir: /srv/repos/app/.git/worktrees/x\n' });
  assert.is(outside.outside, '/srv/repos/app/.git/worktrees/x');
});

test('a submodule that is not checked out cannot get a repository from the agent', async () => {
  const found = await protectionIn({ 'libs/a': null, 'libs/b/.git': 'gitdir: x' }, ['libs/a', 'libs/b', 'libs/new/c']);
  for (const line of ['ro libs/a', 'ro libs/b/.git', 'ro libs/new/c', 'rw libs', 'rw libs/b']) {
    assert.ok(shown(found).includes(line), line);
  }
  assert.equal(found.missing.slice(-2), ['libs/new', 'libs/new/c']);
});

test('a directory with more repositories than can be mounted is refused', async () => {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`r${index}/.git`, null]));
  assert.equal(codes(await protectionIn(many)), ['deploy/protected-paths-many']);
});

test("git's index tells the submodules, and nothing that the repository's config names is run for it", async () => {
  await withFolder({}, async (root) => {
    git(root, 'init', '--quiet');
    const commit = 'a'.repeat(40);
    git(root, 'update-index', '--add', '--cacheinfo', `160000,${commit},libs/with space`);
    const ran = join(root, 'ran');
    git(root, 'config', 'core.fsmonitor', `touch '${ran}'; false`);
    assert.equal(await submodulePaths(root), ['libs/with space']);
    assert.not.ok(existsSync(ran));
    // The control: git as anybody uses it does run it.
    git(root, 'status');
    assert.ok(existsSync(ran));
  });
  assert.equal(await withFolder({}, submodulePaths), []);
});

test.run();
