/** Which line of a definition a finding names. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Agent, App, Bottle, type BottleProps, Route } from 'claude-bottle';
import { Construct } from 'constructs';
import * as assert from 'uvu/assert';
import { definitionSite } from '../../../constructs/definition-site.ts';
import type { Location } from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('definition sites');
const FILE = 'test/unit/constructs/definition-site.test.ts';
let scratch = '';

test.beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'definition-site-'));
});

test.afterEach(() => rmSync(scratch, { recursive: true }));

/** The line, in this file, from which it is called, as V8 itself formats it. */
function thisLine(): number {
  const calls = (new Error().stack ?? '').split('\n');
  return Number(/:(\d+):\d+\)?$/.exec(calls[2] ?? '')?.[1]);
}

const at = (line: number): Location => ({ file: FILE, line });

const empty: BottleProps = { agent: {}, sidecars: { egress: {}, supervise: true } };

/** A house's bottle, whose constructor stands on other lines than those that ask for one. */
class HouseBottle extends Bottle {
  readonly line: number;

  constructor(scope: Construct, id: string, props: BottleProps = {}) {
    super(scope, id, { ...empty, ...props });
    this.line = thisLine() + 1;
    this.agent.addOverride('init', true);
  }
}

class StrictBottle extends HouseBottle {}

test('a construct is where it was made', () => {
  const line = thisLine() + 1;
  const demo = new Bottle(new App(), 'demo', empty);
  assert.equal(demo.locate(), at(line));
});

test('what the props of a construct ask for is where the construct is', () => {
  const { agent, sidecars, locate } = new Bottle(new App(), 'demo', empty);
  for (const part of [agent, sidecars, sidecars.egress, sidecars.pipelock, sidecars.supervise]) {
    assert.is(part?.locate, locate);
  }
});

test('a part that is declared by itself is where it was declared', () => {
  const demo = new Bottle(new App(), 'demo', { sidecars: {} });
  const line = thisLine() + 1;
  const agent = new Agent(demo, 'Agent');
  assert.equal(agent.locate(), at(line));
});

test('a bottle of a blueprint is where somebody asked for it, not where the blueprint calls its super', () => {
  const app = new App();
  const line = thisLine() + 1;
  const [house, strict] = [new HouseBottle(app, 'a'), new StrictBottle(app, 'b')];
  for (const { locate, agent, sidecars } of [house, strict]) {
    for (const part of [locate, agent.locate, sidecars.locate, sidecars.pipelock.locate])
      assert.equal(part(), at(line));
  }
});

test('what a blueprint itself adds is where the blueprint adds it', () => {
  const { agent, line } = new StrictBottle(new App(), 'demo');
  assert.equal(
    agent.overrides.map(({ locate }) => locate()),
    [at(line)],
  );
});

test('a bottle that another construct makes is where that one makes it', () => {
  class Team extends Construct {
    readonly bottle: Bottle;
    readonly line: number;

    constructor(scope: Construct, id: string) {
      super(scope, id);
      this.line = thisLine() + 1;
      this.bottle = new HouseBottle(this, 'demo');
    }
  }
  const { bottle, line } = new Team(new App(), 'team');
  assert.equal(bottle.locate(), at(line));
});

test('a value is where it was written, also as an argument of a blueprint', () => {
  const line = thisLine() + 1;
  const route = Route.to('a.example.org');
  assert.equal(route.locate(), at(line));
});

/** A module at `path` of the scratch folder that calls what it is given, on its second line. */
async function calling(path: string): Promise<(call: () => unknown) => unknown> {
  const file = join(scratch, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '// One line of comment.\nexport const calling = (call) => call();\n');
  const { calling: found } = (await import(pathToFileURL(file).href)) as { calling: (call: () => unknown) => unknown };
  return found;
}

test('a package is passed over: nobody who reads the finding can change it', async () => {
  const acme = await calling('node_modules/acme/index.mjs');
  const route = acme(Route.to.bind(Route, 'a.example.org')) as Route;
  assert.equal(route.locate()?.file, FILE);
});

test('a file that is run as it is written is found by its own lines', async () => {
  const plain = await calling('plain.mjs');
  const route = plain(Route.to.bind(Route, 'a.example.org')) as Route;
  assert.equal(route.locate(), { file: relative(process.cwd(), join(scratch, 'plain.mjs')), line: 2 });
});

test('the definition keeps its own way to format stacks', () => {
  const own = (): string => 'formatted by the definition';
  Error.prepareStackTrace = own;
  try {
    const line = thisLineOf(definitionSite());
    assert.ok(line !== undefined && line > 0);
    assert.is(Error.prepareStackTrace, own);
    assert.is(new Error().stack, 'formatted by the definition');
  } finally {
    Reflect.deleteProperty(Error, 'prepareStackTrace');
  }
});

const thisLineOf = (locate: ReturnType<typeof definitionSite>): number | undefined => locate()?.line;

test('asked twice, a site answers the same', () => {
  const site = definitionSite();
  assert.is(site(), site());
  assert.is(site()?.file, FILE);
});

test.run();
