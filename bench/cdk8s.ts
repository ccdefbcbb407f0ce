/** `bottle synth` against `cdk8s synth` with that CLI's own TypeScript template, on apps of the same number of objects. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { compared, type Program } from './processes.ts';

const ROOT = join(import.meta.dirname, '..');
const RUNS = 5;

/** What `cdk8s init typescript-app` writes, without the imported Kubernetes classes: those would only cost it time. */
const TEMPLATE = {
  'package.json': JSON.stringify({ name: 'app', main: 'main.js', private: true }),
  'cdk8s.yaml': 'language: typescript\napp: npx ts-node main.ts\n',
  'tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'CommonJS', target: 'ES2017', lib: ['es2016'], strict: true, inlineSourceMap: true },
  }),
  // As many objects as a bottle of two daemons has files, each of a similar size.
  'main.ts': `import { Construct } from 'constructs';
import { ApiObject, App, Chart } from 'cdk8s';

class MyChart extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (let number = 0; number < 9; number += 1) {
      const data = Object.fromEntries(Array.from({ length: 30 }, (_, key) => ['key' + key, 'value ' + key]));
      new ApiObject(this, 'object' + number, { apiVersion: 'v1', kind: 'ConfigMap', data } as never);
    }
  }
}

const app = new App();
new MyChart(app, 'app');
app.synth();
`,
} as const;

const TEMPLATE_PACKAGES = ['cdk8s-cli@2', 'cdk8s@2', 'constructs@10', 'ts-node@10', 'typescript@5', '@types/node@20'];

async function project(folder: string, files: Readonly<Record<string, string>>, packages: readonly string[]) {
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  await execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], { cwd: folder });
  return folder;
}

const DEFINITION = `import { App, Bottle, Route } from 'claude-bottle';

const app = new App();
new Bottle(app, 'hello', {
  agent: { env: { EDITOR: 'vi' } },
  sidecars: { egress: { routes: [Route.to('docs.example.org', { methods: ['GET'] })] }, supervise: true },
});
app.synth();
`;

export async function benchCdk8s(): Promise<readonly string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-bench-'));
  try {
    await execa('npm', ['pack', '--silent', '--pack-destination', scratch], { cwd: ROOT });
    const theirs = await project(join(scratch, 'cdk8s'), TEMPLATE, TEMPLATE_PACKAGES);
    const files = {
      'package.json': JSON.stringify({ name: 'acme', type: 'module', private: true }),
      'app.ts': DEFINITION,
      'app.mjs': DEFINITION,
    };
    const { version } = (await import('../package.json', { with: { type: 'json' } })).default;
    const tarball = join(scratch, `claude-bottle-${version}.tgz`);
    const ours = await project(join(scratch, 'ours'), files, [tarball, 'tsx@4']);
    // This CLI does not end with 0 everywhere: what it wrote is what counts.
    const cdk8s: Program = {
      file: join(theirs, 'node_modules/.bin/cdk8s'),
      args: ['synth'],
      cwd: theirs,
      mayFail: true,
    };
    const bottle = (app: string): Program => ({
      file: join(ours, 'node_modules/.bin/bottle'),
      args: ['synth', '--app', app],
      cwd: ours,
    });
    const lines: string[] = [];
    for (const [what, app] of [
      ['from JavaScript', 'node app.mjs'],
      ['from TypeScript, node --import tsx', 'node --import tsx app.ts'],
      ['from TypeScript, npx tsx', 'npx tsx app.ts'],
    ] as const) {
      lines.push(await compared(RUNS, 'cdk8s synth', cdk8s, `bottle synth ${what}`, bottle(app)));
    }
    return lines;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
