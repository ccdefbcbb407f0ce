/** What `manifest.json` and `tree.json` say of a definition. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Bottle, Construct, Route } from 'claude-bottle';
import * as assert from 'uvu/assert';
import type { Manifest } from '../../../lib/assembly/manifest.ts';
import type { Tree, TreeEntry } from '../../../lib/assembly/tree.ts';
import { suite } from '../../support/suite.ts';

const test = suite('manifest and tree');
let scratch = '';

test.beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tree-'));
});

test.afterEach(() => rmSync(scratch, { recursive: true }));

class HouseBottle extends Bottle {}

const text = (file: string, outdir = 'out'): string => readFileSync(join(scratch, outdir, file), 'utf8');

const treeOf = (): Tree => JSON.parse(text('tree.json')) as Tree;

/** An app with a bottle of a blueprint in a folder of the tree. */
function define(outdir = 'out'): App {
  const app = new App({ outdir: join(scratch, outdir), context: { suffix: 'two' } });
  const team = new Construct(app, 'team');
  new HouseBottle(team, 'demo', { agent: {}, sidecars: { supervise: true } });
  return app;
}

/** An entry and all below it. */
const entries = (entry: TreeEntry): readonly TreeEntry[] => [entry, ...entry.children.flatMap(entries)];

test('the tree has every construct with its id, path and class, and a bottle with its slug', () => {
  define().synth();
  const { version, tree } = treeOf();
  assert.is(version, 1);
  assert.equal(
    entries(tree).map(({ id, path, construct, slug }) => [id, path, construct, slug]),
    [
      ['', '', 'App', undefined],
      ['team', 'team', 'Construct', undefined],
      ['demo', 'team/demo', 'HouseBottle', 'demo-two'],
      ['Agent', 'team/demo/Agent', 'Agent', undefined],
      ['Sidecars', 'team/demo/Sidecars', 'SidecarBundle', undefined],
      ['pipelock', 'team/demo/Sidecars/pipelock', 'Pipelock', undefined],
      ['supervise', 'team/demo/Sidecars/supervise', 'Supervise', undefined],
    ],
  );
});

test('an entry has the file and line that made it, relative to the project, and no more keys than are documented', () => {
  const line = Number(/:(\d+):\d+\)?$/.exec((new Error().stack ?? '').split('\n')[1] ?? '')?.[1]);
  const app = new App({ outdir: join(scratch, 'out') });
  new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  app.synth();
  const [root, ...below] = entries(treeOf().tree);
  const file = 'test/unit/assembly/tree.test.ts';
  assert.equal(root?.source, { file, line: line + 1 });
  for (const { source } of below) assert.equal(source, { file, line: line + 2 });
  assert.equal(Object.keys(root ?? {}), ['id', 'path', 'construct', 'source', 'children']);
});

test('egress and git-gate list their routes and remotes with the lines that made them', () => {
  const line = Number(/:(\d+):\d+\)?$/.exec((new Error().stack ?? '').split('\n')[1] ?? '')?.[1]);
  const route = Route.to('docs.example.org');
  const app = new App({ outdir: join(scratch, 'out') });
  new Bottle(app, 'demo', { agent: {}, sidecars: { egress: { routes: [Route.to('api.example.org'), route] } } });
  app.synth();
  const file = 'test/unit/assembly/tree.test.ts';
  const egress = entries(treeOf().tree).find(({ construct }) => construct === 'Egress');
  assert.equal(egress?.declares, [
    { kind: 'route', name: 'api.example.org', source: { file, line: line + 3 } },
    { kind: 'route', name: 'docs.example.org', source: { file, line: line + 1 } },
  ]);
});

test('a place outside of the project is left out: it is another one on another machine', async () => {
  const file = join(scratch, 'elsewhere.mjs');
  writeFileSync(file, 'export const made = (Bottle, app) => new Bottle(app, "demo", { agent: {}, sidecars: {} });\n');
  const { made } = (await import(pathToFileURL(file).href)) as {
    made: (kind: typeof Bottle, app: App) => Bottle;
  };
  const app = new App({ outdir: join(scratch, 'out') });
  made(Bottle, app);
  app.synth();
  assert.equal(
    entries(treeOf().tree).map(({ source }) => source !== undefined),
    [true, false, false, false, false],
  );
  assert.not.match(text('tree.json'), /elsewhere|\/tmp|"\//);
});

test('the same definition gives the same tree, byte for byte', () => {
  for (const outdir of ['a', 'b']) define(outdir).synth();
  assert.is(text('tree.json', 'a'), text('tree.json', 'b'));
});

test('constructs that an aspect or a mixin adds are in the tree', async () => {
  const { Aspects } = await import('claude-bottle');
  const app = define();
  Aspects.of(app).add({
    visit: (node) => {
      if (node === app) new Construct(app, 'added');
    },
  });
  app.synth();
  assert.equal(
    treeOf().tree.children.map(({ id }) => id),
    ['team', 'added'],
  );
});

const token = `ghp_${'a'.repeat(36)}`;

test('the manifest lists the overrides of a bottle in the order of application, with their paths and no value', () => {
  const app = new App({ outdir: join(scratch, 'out') });
  const { agent, sidecars } = new Bottle(app, 'demo', { agent: {}, sidecars: {} });
  new Bottle(app, 'plain', { agent: {}, sidecars: {} });
  agent.addJsonPatch(
    { op: 'test', path: '/x-a/b', value: 'hunter2' },
    { op: 'copy', from: '/x-a/b', path: '/x-c' },
    { op: 'remove', path: '/x-c' },
  );
  agent.addDeletionOverride('x-d');
  agent.addOverride('x-d', 'hunter2');
  agent.addOverride('x-a.b', 'hunter2');
  agent.addOverride(`x-e.${token}`, 'hunter2');
  sidecars.addOverride('ulimits.nofile', 4096);
  app.synth();
  const { bottles } = JSON.parse(text('manifest.json')) as Manifest;
  assert.equal(bottles['demo']?.overrides, [
    { service: 'agent', kind: 'set', paths: ['x-d'] },
    { service: 'agent', kind: 'set', paths: ['x-a.b'] },
    { service: 'agent', kind: 'set', paths: ['x-e.[redacted]'] },
    { service: 'agent', kind: 'delete', paths: ['x-d'] },
    { service: 'agent', kind: 'patch', paths: ['/x-a/b', '/x-c'] },
    { service: 'sidecars', kind: 'set', paths: ['ulimits.nofile'] },
  ]);
  assert.equal(bottles['plain']?.overrides, []);
  assert.not.match(text('manifest.json'), /hunter2|ghp_/);
});

test.run();
