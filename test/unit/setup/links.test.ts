/** Links of the documentation lead somewhere: to a file of the repository, and to a heading of it where one is named. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as assert from 'uvu/assert';
import { ROOT } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('links of the documentation');

const below = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

const PAGES = ['README.md', 'examples/README.md', ...below('docs')];

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Links outside of code: regular expressions look like links. */
const linksOf = (text: string): readonly string[] =>
  [...text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link));

/** Anchors as GitHub and npm make them of headings. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

function problem(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, file))) return `${page}: ${link} is not there`;
  if (anchor === undefined || !file.endsWith('.md') || anchorsOf(textOf(file)).includes(anchor)) return undefined;
  return `${page}: ${link} names no heading of ${file}`;
}

test('each leads to a file, and to a heading where it names one', () => {
  const links = PAGES.flatMap((page) => linksOf(textOf(page)).map((link) => ({ page, link })));
  assert.ok(links.length > 300, String(links.length));
  assert.equal(
    links.flatMap(({ page, link }) => problem(page, link) ?? []),
    [],
  );
});

test('a link to what is not there, and to no heading, is noticed', () => {
  assert.match(problem('README.md', 'docs/nothing.md') ?? '', 'is not there');
  assert.match(problem('README.md', 'docs/reference/cli.md#no-such') ?? '', 'names no heading');
  assert.is(problem('README.md', 'docs/reference/cli.md#options'), undefined);
});

test('the README leads to each guide and each reference', () => {
  const links = linksOf(textOf('README.md'));
  const pages = [...below('docs/guide'), ...below('docs/reference')];
  assert.equal(
    pages.filter((page) => !links.includes(page)),
    [],
  );
});

test.run();
