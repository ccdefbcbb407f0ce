import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { PROGRAMS } from '../../../images/sidecars/programs.ts';
import { stepOf } from '../../../lib/deploy/images/build-image.ts';
import { contentHash } from '../../../lib/deploy/images/content.ts';
import { packageRoot } from '../../../lib/deploy/images/package-root.ts';
import { bundle, sidecarContext } from '../../../lib/deploy/images/sidecar-context.ts';
import { suite } from '../../support/suite.ts';

const test = suite('build context of the sidecar image', { timeoutMs: 60_000 });

test('it is the same bytes each time', async () => {
  assert.is(contentHash(await sidecarContext(), {}), contentHash(await sidecarContext(), {}));
});

test('it holds the programs that the bundle’s contract names, at their paths', async () => {
  const paths = (await sidecarContext()).map(({ path }) => path);
  for (const path of [
    'Dockerfile',
    'slot/pipelock',
    'rootfs/opt/claude-bottle/init.cjs',
    'rootfs/opt/claude-bottle/scanner.cjs',
    'rootfs/opt/claude-bottle/supervise.cjs',
    'rootfs/usr/local/bin/egress_entrypoint.sh',
    'rootfs/usr/local/bin/pipelock_entrypoint.sh',
    'rootfs/usr/local/bin/git-gate_entrypoint.sh',
    'rootfs/usr/local/bin/bundle-health',
  ]) {
    assert.ok(paths.includes(path), path);
  }
});

test('scripts are executable, everything else is not', async () => {
  for (const { path, content, executable } of await sidecarContext()) {
    assert.is(executable, Buffer.from(content).subarray(0, 2).toString() === '#!', path);
  }
});

test('a bundled program needs nothing but Node', async () => {
  for (const { path, content } of await sidecarContext()) {
    if (!path.endsWith('.cjs')) continue;
    const required = [
      ...Buffer.from(content)
        .toString()
        // Not what is tried only, as an optional dependency is.
        .matchAll(/(?<!\btry\{[^{}]*)[=(]require\("([^"]+)"\)/g),
    ];
    assert.ok(required.length > 0, path);
    for (const [, name = ''] of required) assert.ok(isBuiltin(name), `${path} requires ${name}`);
  }
});

test('no path of the building machine gets into it', async () => {
  const root = packageRoot();
  for (const { path, content } of await sidecarContext()) {
    for (const below of ['images', 'lib', 'node_modules']) {
      assert.not.ok(Buffer.from(content).includes(join(root, below)), path);
    }
  }
});

test('a program is the same bytes wherever the package and node_modules lie', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'sidecar-context-'));
  // As installed: our package below node_modules, beside what it needs.
  const installed = join(elsewhere, 'project/node_modules/claude-bottle');
  try {
    for (const part of ['images', 'lib', 'package.json', 'tsconfig.json']) {
      cpSync(join(packageRoot(), part), join(installed, part), { recursive: true });
    }
    symlinkSync(join(packageRoot(), 'node_modules'), join(elsewhere, 'node_modules'));
    for (const { entry } of PROGRAMS.filter((program) => program.kind === 'bundle')) {
      const here = await bundle(join(packageRoot(), 'images/sidecars', `${entry}.ts`));
      const there = await bundle(join(installed, 'images/sidecars', `${entry}.ts`));
      assert.ok(Buffer.from(here).equals(there), entry);
      assert.not.match(Buffer.from(here).toString(), 'node_modules/', entry);
    }
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

test('steps of a build are told from its other lines', () => {
  assert.is(stepOf('#12 [build 3/3] RUN apt-get update'), '[build 3/3] RUN apt-get update');
  assert.is(stepOf('#1 [internal] load build definition'), undefined);
  assert.is(stepOf('#12 0.331 some output'), undefined);
});

test.run();
