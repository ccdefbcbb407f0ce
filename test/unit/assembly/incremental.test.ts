import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { App, Bottle, Route } from '../../../constructs/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('synth again');

let outdir = '';
test.beforeEach(() => {
  outdir = join(mkdtempSync(join(tmpdir(), 'claude-bottle-incremental-')), 'dist');
});
test.afterEach(() => rmSync(join(outdir, '..'), { recursive: true, force: true }));

const BOTTLES = 20;
const HOST = 'docs.example.org';

/** An app of many bottles, of which number 7 may open `host`. */
function synth(host = HOST): void {
  const app = new App({ outdir });
  for (let number = 0; number < BOTTLES; number += 1) {
    const routes = [Route.to(number === 7 ? host : HOST, { methods: ['GET'] })];
    new Bottle(app, `demo-${number}`, { agent: { env: { EDITOR: 'vi' } }, sidecars: { egress: { routes } } });
  }
  app.synth();
}

/** What tells whether somebody wrote a file, by path. */
function marks(): ReadonlyMap<string, string> {
  const entries = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { ino, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return [path.slice(outdir.length + 1), `${ino} ${mtimeNs} ${ctimeNs}`] as const;
    }),
  );
}

function touched(before: ReadonlyMap<string, string>): readonly string[] {
  const after = marks();
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort();
}

test('an app in which nothing changed touches no file', () => {
  synth();
  const before = marks();
  assert.ok(before.size > 3 * BOTTLES);
  synth();
  assert.equal(touched(before), []);
});

test('one changed bottle of many touches its own files that differ, and what lists them', () => {
  synth();
  const before = marks();
  synth('api.example.org');
  assert.equal(touched(before), [
    'demo-7/egress/routes.yaml',
    'demo-7/pipelock/pipelock.yaml',
    'manifest.json',
    'tree.json',
  ]);
});

test('a bottle that somebody removed is written again, and no other', () => {
  synth();
  const before = marks();
  rmSync(join(outdir, 'demo-3'), { recursive: true });
  synth();
  const again = touched(before);
  assert.ok(again.length > 2);
  assert.equal(
    again.filter((path) => !path.startsWith('demo-3/')),
    [],
  );
});

for (const [what, edit] of [
  ['of the same size', (text: string) => text.replace('docs.example.org', 'evil.example.org')],
  ['that is shorter', (text: string) => text.slice(0, -1)],
  ['that is longer', (text: string) => `${text}\n`],
] as const) {
  test(`an edit by hand ${what} is put right, though the manifest lists the file as unchanged`, () => {
    synth();
    const file = join(outdir, 'demo-3/egress/routes.yaml');
    const good = readFileSync(file, 'utf8');
    assert.is.not(edit(good), good);
    writeFileSync(file, edit(good));
    const before = marks();
    synth();
    assert.is(readFileSync(file, 'utf8'), good);
    assert.equal(touched(before), ['demo-3/egress/routes.yaml']);
  });
}

test('an app with one wrong bottle of many touches nothing, and makes nothing', () => {
  assert.throws(() => synth('169.254.169.254'));
  assert.not.ok(existsSync(outdir));
  synth();
  const before = marks();
  assert.throws(() => synth('169.254.169.254'));
  assert.equal(touched(before), []);
});

test.run();
