import type { Finding } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { annotationFormat, githubAnnotations } from '../../../lib/cli/annotations.ts';
import { fromSourceRoot } from '../../../lib/cli/source-root.ts';
import { holdsCommand, jsonWithoutCommands, withoutCommands } from '../../../lib/cli/workflow-commands.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('annotations');

const finding = (more: Partial<Finding> = {}): Finding => ({
  rule: 'bottles::route-host',
  severity: 'error',
  path: 'demo',
  message: 'a message',
  fix: 'mend it',
  location: { file: 'bin/app.ts', line: 7 },
  ...more,
});

const annotated = (more: Partial<Finding> = {}, base = ''): string =>
  githubAnnotations([finding(more)], { errors: 1, warnings: 0, acknowledged: 0 }, base)[0] ?? '';

test('a finding is an annotation of its severity at its line, named from the root of the repository', () => {
  assert.is(
    annotated(),
    '::error file=bin/app.ts,line=7,title=bottles%3A%3Aroute-host::demo: a message%0Afix: mend it',
  );
  assert.match(annotated({ severity: 'warning' }, 'infra/bottles/'), /^::warning file=infra\/bottles\/bin\/app\.ts,/);
  assert.match(annotated({ artifact: 'demo/compose.yaml', pointer: '/name' }), '%0Ain demo/compose.yaml /name%0A');
});

test('a finding without a line has none', () => {
  const { location: _, ...without } = finding();
  const [line] = githubAnnotations([without], { errors: 1, warnings: 0, acknowledged: 0 }, '');
  assert.match(line ?? '', /^::error title=bottles%3A%3Aroute-host::/);
});

test('acknowledged findings are not annotated, and without others there is no line at all', () => {
  const acknowledged = finding({ severity: 'warning', acknowledged: 'a good reason' });
  assert.equal(githubAnnotations([acknowledged], { errors: 0, warnings: 1, acknowledged: 1 }, ''), []);
});

test('no text can add a property, end the command or begin another one', () => {
  const evil = '%25,line=1::x\n::add-mask::y\r##[error]z';
  const line = annotated({ message: evil, rule: evil, location: { file: evil, line: 2 } });
  assert.is(line.split(/[\r\n]/).length, 1);
  const [, head = ''] = /^::error (.*?)::/.exec(line) ?? [];
  assert.equal(
    head.split(',').map((property) => property.split('=')[0]),
    ['file', 'line', 'title'],
  );
  assert.match(line, '%2525%2Cline=1%3A%3Ax\\x0a');
});

test('annotations are for GitHub’s runner, unless the command line says otherwise', () => {
  assert.is(annotationFormat(undefined, {}), 'none');
  assert.is(annotationFormat(undefined, { GITHUB_ACTIONS: 'true' }), 'github');
  assert.is(annotationFormat('none', { GITHUB_ACTIONS: 'true' }), 'none');
  assert.is(annotationFormat('github', {}), 'github');
  assert.throws(
    () => annotationFormat('gitlab', {}),
    (error: unknown) => error instanceof BottleError && error.exitCode === 2 && /--report/.test(error.fix ?? ''),
  );
});

const COMMANDS: readonly string[] = [
  '::error::x',
  '  \t::add-mask::x',
  '\u00a0::set-output name=a::b',
  'first\n::stop-commands::x',
  'a ##[add-mask]b',
  '##vso[task.setvariable variable=x]y',
  "x ##teamcity[publishArtifacts 'x']",
  '##VSO[task.complete]',
  ':::error::x',
];

/** Lines that a runner takes for a command: at their beginning, white space aside, or anywhere. */
const OBEYED = /^\s*::|##(?:\[|vso\[|teamcity\[)/im;

test('no line of a text is a command any more, and it can still be read', () => {
  for (const text of COMMANDS) {
    assert.match(text, OBEYED);
    assert.ok(holdsCommand(text), text);
    const harmless = withoutCommands(text);
    assert.not.match(harmless, OBEYED);
    assert.is(harmless.replaceAll('\\x3a', ':').replaceAll('\\x23', '#'), text);
  }
});

test('what no build system obeys stays as it is', () => {
  for (const text of ['warning bottles::x', ': a', 'a ::b', '## Heading', '#[x]', 'http://[::1]/', '']) {
    assert.is(withoutCommands(text), text);
    assert.not.ok(holdsCommand(text));
  }
});

test('JSON keeps its data', () => {
  for (const text of COMMANDS) {
    const json = jsonWithoutCommands(JSON.stringify({ [text]: [text] }, null, 2));
    assert.not.match(json, OBEYED);
    assert.equal(JSON.parse(json), { [text]: [text] });
  }
});

test('a long text of line breaks and spaces is read once', () => {
  const text = `${'\n'.repeat(200_000)}${' '.repeat(200_000)}x${'#'.repeat(200_000)}`;
  assert.is(withoutCommands(text), text);
});

test('a file outside of the repository has no way from its root', () => {
  assert.is(fromSourceRoot('/a/b', '/a/b/c/d'), 'c/d');
  assert.is(fromSourceRoot('/a/b', '/a/b'), '');
  assert.is(fromSourceRoot('/a/b', '/a/c'), undefined);
  assert.is(fromSourceRoot('/a/b', '/a/b/..c'), '..c');
});

test.run();
