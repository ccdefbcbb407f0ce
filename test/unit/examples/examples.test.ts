import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ValidationReport } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { typescriptCommand } from '../../../examples/demo/typescript.ts';
import { bottle, ROOT } from '../../support/cli.ts';
import { HOST_KEY } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('examples', { timeoutMs: 30_000 });

/** What `npm run demo` generates for its definition. */
const DEMO_CONTEXT = {
  network: 'demo-internet',
  internetCA: '/tmp/internet-ca.pem',
  hostKey: HOST_KEY,
  identityFile: '/tmp/id_ed25519',
};

/** Those of `testing/` are projects of their own, which the test of the package installs. */
const definitions = [
  'bin/app.ts',
  ...readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'app.ts' && !path.startsWith('testing/'))
    .map((path) => `examples/${path}`),
].sort();

let outdir = '';
test.beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'claude-bottle-examples-'));
});
test.afterEach(() => rmSync(outdir, { recursive: true, force: true }));

for (const file of definitions) {
  test(`${file} synthesizes without an error`, async () => {
    const context = Object.entries(DEMO_CONTEXT).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const app = typescriptCommand(join(ROOT, file));
    const { exitCode, stdout, stderr } = await bottle(ROOT, [
      'synth',
      '--app',
      app,
      '-o',
      outdir,
      '--json',
      ...context,
    ]);
    assert.is(exitCode, 0, stderr);
    const { bottles } = JSON.parse(stdout) as { bottles: Readonly<Record<string, object>> };
    for (const slug of Object.keys(bottles)) {
      const compose = parse(readFileSync(join(outdir, slug, 'compose.yaml'), 'utf8')) as { name: string };
      assert.is(compose.name, `claude-bottle-${slug}`);
    }
  });
}

test('the split example has a service for each daemon that it uses', async () => {
  const app = typescriptCommand(join(ROOT, 'examples/split/app.ts'));
  assert.is((await bottle(ROOT, ['synth', '--app', app, '-o', outdir, '--json'])).exitCode, 0);
  const { services } = parse(readFileSync(join(outdir, 'apart/compose.yaml'), 'utf8')) as { services: object };
  assert.equal(Object.keys(services), ['egress', 'pipelock', 'supervise', 'agent']);
});

test('the example of house rules passes --strict, and lists its rules and what is acknowledged', async () => {
  const app = typescriptCommand(join(ROOT, 'examples/house-rules/app.ts'));
  const { exitCode, stderr } = await bottle(ROOT, ['synth', '--strict', '--app', app, '-o', outdir]);
  assert.is(exitCode, 0, stderr);
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as ValidationReport;
  assert.equal(
    report.houseRules.map(({ id }) => id),
    ['acme::no-wildcards', 'acme::writing-is-noted'],
  );
  assert.equal(report.summary, { errors: 0, warnings: 2, acknowledged: 2 });
});

test('the environment makes any definition split', async () => {
  const app = typescriptCommand(join(ROOT, 'examples/pipelock-only/app.ts'));
  const flag = { CLAUDE_BOTTLE_SIDECAR_BUNDLE: ' Off ' };
  assert.is((await bottle(ROOT, ['synth', '--app', app, '-o', outdir, '--json'], flag)).exitCode, 0);
  const { services } = parse(readFileSync(join(outdir, 'reader/compose.yaml'), 'utf8')) as { services: object };
  assert.equal(Object.keys(services), ['pipelock', 'agent']);
});

test('the definition in the README is the getting-started example, but for comments, key and folding', () => {
  const strip = (text: string): string =>
    text
      .replace(/\/\*\*[\s\S]*?\*\//g, '')
      .replace(/^\s*\/\/.*$/gm, '')
      .replace(/ssh-ed25519 AAAA[^']*/g, 'KEY')
      .replace(/,(?=\s*[)\]}])/g, '')
      .replace(/\s+/g, '');
  const readme = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '';
  assert.is(strip(readme), strip(readFileSync(join(ROOT, 'examples/getting-started/app.ts'), 'utf8')));
});

test.run();
