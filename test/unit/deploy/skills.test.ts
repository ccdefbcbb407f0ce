/** What deploy takes of a skill, and what it refuses. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { skillTextFlaws } from '../../../lib/deploy/preflight/skill-text.ts';
import { readSkills, type Skills, skillDigest } from '../../../lib/deploy/preflight/skills.ts';
import { suite } from '../../support/suite.ts';

const test = suite('skills at deploy');

const TEXT = '---\nname: review\ndescription: How to review\n---\nLook twice.\n';

let project = '';
test.beforeEach(() => {
  project = join(mkdtempSync(join(tmpdir(), 'deploy-skills-')), 'project');
  put('skills/review/SKILL.md', TEXT);
});
test.afterEach(() => rmSync(dirname(project), { recursive: true, force: true }));

function put(path: string, text: string): string {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const read = (source = 'skills/review', more: { readonly identityFile?: string } = {}): Skills =>
  readSkills([{ name: 'review', source }], {
    projectDir: project,
    assemblyDir: join(project, 'dist'),
    env: { HOME: join(dirname(project), 'home') },
    home: join(project, 'bottles'),
    inputs: more.identityFile === undefined ? [] : [{ kind: 'identity file', path: more.identityFile }],
  });

const problemOf = (source?: string, more?: Parameters<typeof read>[1]): string =>
  read(source, more)
    .problems.map(({ code, message }) => `${code}: ${message}`)
    .join('\n');

const paths = ({ skills }: Skills): readonly string[] => [...(skills[0]?.files.keys() ?? [])];

test('a skill is taken with all its files, executable or not, and without its repository', () => {
  chmodSync(put('skills/review/scripts/run.sh', '#!/bin/sh\n'), 0o700);
  put('skills/review/references/a b.md', 'ü');
  put('skills/review/.git/config', 'url = https://x:hunter2@example.org');
  const found = read();
  assert.equal(found.problems, []);
  assert.equal(found.warnings, []);
  assert.equal(paths(found), ['SKILL.md', 'references/a b.md', 'scripts/run.sh']);
  assert.is(found.skills[0]?.files.get('scripts/run.sh')?.mode, 0o755);
  assert.is(found.skills[0]?.files.get('SKILL.md')?.mode, 0o644);
});

test('its digest changes with a name, a mode or a byte, and with nothing else', () => {
  const digest = (): string | undefined => read().skills[0]?.digest;
  const here = (source: string): string | undefined => skillDigest(source, { projectDir: project, env: {} });
  assert.equal([here('skills/review'), here('skills/absent'), here('skills')], [digest(), undefined, undefined]);
  const seen = new Set([digest()]);
  assert.ok(seen.has(digest()));
  const file = put('skills/review/a', 'x');
  seen.add(digest());
  writeFileSync(file, 'y');
  seen.add(digest());
  chmodSync(file, 0o755);
  seen.add(digest());
  put('skills/review/b', 'y');
  rmSync(file);
  seen.add(digest());
  assert.is(seen.size, 5);
});

test('a link to a file of the skill is that file; any other link is refused', () => {
  put('shared/text.md', 'x');
  symlinkSync('SKILL.md', join(project, 'skills/review/README.md'));
  const linked = read();
  assert.is(linked.skills[0]?.files.get('README.md')?.content.toString(), TEXT);
  for (const [target, words] of [
    ['../../shared/text.md', 'leads out of it'],
    ['/etc/passwd', 'leads out of it'],
    ['../../shared', 'leads out of it'],
    ['nowhere', 'leads nowhere'],
    ['.', 'no regular file'],
  ] as const) {
    const link = join(project, 'skills/review/link');
    symlinkSync(target, link);
    assert.match(
      problemOf(),
      `deploy/skill-unusable: the skill review, ${join(project, 'skills/review')}, holds 'link'`,
    );
    assert.match(problemOf(), words);
    rmSync(link);
  }
});

test('a skill that is itself a link is judged where it really lies', () => {
  put('../home/.ssh/SKILL.md', TEXT);
  put('shared/review/SKILL.md', TEXT);
  symlinkSync('../../home/.ssh', join(project, 'skills/keys'));
  symlinkSync('../shared/review', join(project, 'skills/shared'));
  assert.match(problemOf('skills/keys'), /deploy\/skill-forbidden: .*really .*\.ssh.* is in \.ssh/);
  assert.equal(read('skills/shared').problems, []);
});

test('a pipe, a file of credentials, a key of a remote, the project, the home and the state of bottles are refused', () => {
  execFileSync('mkfifo', [join(project, 'skills/review/pipe')]);
  assert.match(problemOf(), "holds 'pipe', which is no regular file");
  rmSync(join(project, 'skills/review/pipe'));
  const env = put('skills/review/sub/.env', 'A=b');
  assert.match(problemOf(), /holds 'sub\/\.env', which is in \.env/);
  rmSync(env);
  const identityFile = put('skills/review/id_ed25519', 'key');
  assert.match(problemOf('skills/review', { identityFile }), /deploy\/skill-forbidden: .* holds the identity file/);
  put('../home/SKILL.md', TEXT);
  put('bottles/state/x/SKILL.md', TEXT);
  assert.match(problemOf('~'), /home/);
  assert.match(problemOf('bottles/state/x'), /the keys and the state of bottles/);
  assert.match(problemOf('..'), 'is or contains the home directory');
});

test('where Claude Code keeps skills is a place for them, and its other folders are none', () => {
  put('../home/.claude/skills/review/SKILL.md', TEXT);
  put('../home/.claude/agents/SKILL.md', TEXT);
  assert.equal(read('~/.claude/skills/review').problems, []);
  assert.match(problemOf('~/.claude/agents'), 'deploy/skill-forbidden');
});

test('what is not there, no directory, without a SKILL.md or too large says so', () => {
  assert.match(problemOf('skills/absent'), /deploy\/skill-missing: .*absent, does not exist/);
  assert.match(problemOf('skills/review/SKILL.md'), 'is no directory');
  put('skills/empty/readme.md', 'x');
  assert.match(problemOf('skills/empty'), "holds no SKILL.md, but 'readme.md'");
  put('skills/large/SKILL.md', TEXT);
  put('skills/large/data', 'x'.repeat(10 * 1024 * 1024));
  assert.match(problemOf('skills/large'), 'holds more than 10 MiB');
  for (let index = 0; index < 1000; index += 1) put(`skills/many/${index}`, '');
  put('skills/many/SKILL.md', TEXT);
  assert.match(problemOf('skills/many'), 'holds more than 1000 files');
});

test('a token in a skill is a warning that does not show it, a word on passwords is none', () => {
  put('skills/review/a.md', 'The password: hunter2');
  assert.equal(read().warnings, []);
  put('skills/review/b.md', `export T=ghp_${'a'.repeat(36)}`);
  const [warning = ''] = read().warnings;
  assert.match(warning, "the skill review holds 'b.md', which looks like a GitHub token");
  assert.not.match(warning, 'ghp_');
});

test('a text is told apart by what an agent program would make of it', () => {
  const flaws = (text: string): string => skillTextFlaws(text, 'review').join('; ');
  assert.is(flaws(TEXT), '');
  assert.is(flaws(TEXT.replaceAll('\n', '\r\n')), '');
  assert.is(flaws('---\nname: review\ndescription: >\n  long\n  text\nallowed-tools: [a]\n---'), '');
  assert.match(flaws('just text\n'), /no frontmatter/);
  assert.match(flaws('---\nname: review\n'), /no frontmatter/);
  assert.match(flaws('---\nname: [x\ndescription: y\n---\n'), /no YAML/);
  assert.match(flaws('---\ndescription: y\n---\n'), /no name/);
  assert.match(flaws('---\nname: other\ndescription: y\n---\n'), /another name/);
  assert.match(flaws('---\nname: review\ndescription: ""\n---\n'), /no description/);
  assert.match(flaws('---\nname: review\ndescription: 3\n---\n'), /no description/);
});

test.run();
