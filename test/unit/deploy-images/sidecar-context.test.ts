import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { stepOf } from '../../../lib/deploy/images/build-image.ts';
import { contentHash } from '../../../lib/deploy/images/content.ts';
import { packageRoot } from '../../../lib/deploy/images/package-root.ts';
import { sidecarContext } from '../../../lib/deploy/images/sidecar-context.ts';
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
        .matchAll(/^(?:var|const) .* = (?:__toESM\()?require\("([^"]+)"\)/gm),
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

test('steps of a build are told from its other lines', () => {
  assert.is(stepOf('#12 [build 3/3] RUN apt-get update'), '[build 3/3] RUN apt-get update');
  assert.is(stepOf('#1 [internal] load build definition'), undefined);
  assert.is(stepOf('#12 0.331 some output'), undefined);
});

test.run();
