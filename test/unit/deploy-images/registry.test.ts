import * as assert from 'uvu/assert';
import { puller, registryOf, repositoryOf } from '../../../lib/deploy/images/registry.ts';
import { suite } from '../../support/suite.ts';
import { fakeDocker } from './fake-docker.ts';

const test = suite('asking a registry');
const digest = `sha256:${'b'.repeat(64)}`;

test('the registry of a reference is found as Docker finds it', () => {
  assert.is(registryOf('debian:trixie-slim'), 'docker.io');
  assert.is(registryOf('mitmproxy/mitmproxy:12.2.3'), 'docker.io');
  assert.is(registryOf('ghcr.io/gitleaks/gitleaks:v8.30.1'), 'ghcr.io');
  assert.is(registryOf('localhost/x'), 'localhost');
  assert.is(registryOf('127.0.0.1:5000/x'), '127.0.0.1:5000');
});

test('the repository is the reference without tag and digest, a port stays', () => {
  assert.is(repositoryOf('debian:trixie-slim'), 'debian');
  assert.is(repositoryOf(`debian:trixie-slim@${digest}`), 'debian');
  assert.is(repositoryOf('127.0.0.1:5000/a/b'), '127.0.0.1:5000/a/b');
});

test('a pulled image gives its digest', async () => {
  const docker = fakeDocker();
  docker.set({ registry: { 'debian:x': digest } });
  assert.equal(await puller(docker.env)('debian:x'), { outcome: 'pulled', digest });
  docker.remove();
});

test('an image that the registry does not have is refused, not unreachable', async () => {
  const docker = fakeDocker();
  docker.set({ registry: {} });
  assert.is((await puller(docker.env)('debian:x')).outcome, 'refused');
  docker.remove();
});

test('a registry that does not answer is asked once, another one still is', async () => {
  const docker = fakeDocker();
  const pull = puller(docker.env);
  for (const reference of ['debian:x', 'node:x', 'ghcr.io/a/b:1']) {
    assert.is((await pull(reference)).outcome, 'unreachable');
  }
  assert.equal(docker.calls('pull'), [
    ['pull', 'debian:x'],
    ['pull', 'ghcr.io/a/b:1'],
  ]);
  docker.remove();
});

test.run();
