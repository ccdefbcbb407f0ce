import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ReadyBottle } from '../../../lib/deploy/preflight/index.ts';
import { sha256 } from '../../../lib/deploy/state/contents.ts';
import { converge } from '../../../lib/deploy/up/converge.ts';
import type { BringUp } from '../../../lib/deploy/up/run.ts';
import { createDocker } from '../../../lib/operate/index.ts';
import { suite } from '../../support/suite.ts';
import { environmentWith, type FakeDocker, fakeDocker } from './fake-docker.ts';

const test = suite('what a deploy leaves', { timeoutMs: 60_000 });

let stateDir = '';
let fake: FakeDocker;
test.beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'converge-'));
});
test.afterEach(() => {
  fake.remove();
  rmSync(stateDir, { recursive: true });
});

const POLICY = 'mode: strict\n';

const inspected = (service: string, startedAt: string, health?: string): string =>
  JSON.stringify({
    Id: `id-of-${service}`,
    Name: `/${service}`,
    Image: 'sha256:image',
    RestartCount: 0,
    State: {
      Status: 'running',
      Running: true,
      Restarting: false,
      ExitCode: 0,
      StartedAt: startedAt,
      ...(health === undefined ? {} : { Health: { Status: health, Log: [] } }),
    },
    Config: {
      Labels: {
        'claude-bottle.slug': 'demo',
        'claude-bottle.app': 'app',
        'com.docker.compose.service': service,
        'com.docker.compose.config-hash': 'h',
        'com.docker.compose.project.working_dir': stateDir,
      },
    },
    NetworkSettings: { Networks: {} },
  });

/**
 * An engine with the two containers of a bottle. The sidecars are unhealthy until they are restarted; then each look at
 * them counts, and they are healthy from look number `healthyAt` on.
 */
function engine(healthyAt: number): FakeDocker {
  const agent = inspected('agent', '2026-01-01T00:00:00Z');
  const sidecars = (health: string, at = '2026-01-01T00:00:00Z'): string => inspected('sidecars', at, health);
  const looks = join(stateDir, 'looks');
  const show = (health: string, at?: string): string => `printf '%s\\n' '${agent}' '${sidecars(health, at)}'`;
  const later = '2026-01-02T00:00:00Z';
  const inspect = `if [ ! -e '${looks}' ]; then ${show('unhealthy')}
    else echo >>'${looks}'; if [ "$(wc -l <'${looks}')" -ge ${healthyAt} ]; then ${show('healthy', later)}; else ${show('starting', later)}; fi; fi`;
  const report = {
    healthy: true,
    daemons: { pipelock: { up: true, restarts: 0, digest: sha256(Buffer.from(POLICY)), detail: '' } },
  };
  return fakeDocker([
    { call: '"container inspect"*', script: inspect },
    { call: 'ps*', stdout: 'id-of-agent\nid-of-sidecars\n' },
    { call: '"network ls"*' },
    { call: '"volume ls"*' },
    { call: 'compose*"config --hash"*', stdout: 'agent h\nsidecars h\n' },
    { call: 'compose*up*' },
    { call: 'restart*', script: `: >'${looks}'` },
    { call: 'exec*', stdout: JSON.stringify(report) },
  ]);
}

function run(): BringUp {
  const service = (name: string) => ({ name, container: name, networks: [] });
  const compose = {
    project: 'claude-bottle-demo',
    services: [service('sidecars'), service('agent')],
    networks: [],
    declaredNetworks: [],
    isolated: [],
  };
  const ready = {
    stateDir,
    compose,
    owner: { slug: 'demo', app: 'app', stateDir },
    values: {},
    bottle: { slug: 'demo', manifest: { daemons: ['pipelock'], shape: 'bundle' } },
  } as unknown as ReadyBottle;
  const image = { reference: 'image', id: 'sha256:image' };
  return {
    docker: createDocker({ env: environmentWith(fake) }),
    ready,
    images: { agent: image, sidecars: image } as BringUp['images'],
    projectDir: stateDir,
    waitMs: 10_000,
    signal: undefined,
    note: () => {},
  };
}

test('a deploy that restarted an unwell container ends once the engine has seen it healthy', async () => {
  mkdirSync(join(stateDir, 'pipelock'));
  writeFileSync(join(stateDir, 'pipelock/pipelock.yaml'), POLICY);
  fake = engine(9);
  const { changes } = await converge(run(), []);
  assert.equal(changes, ['sidecars: started']);
  const calls = fake.calls();
  const restarted = calls.findIndex((call) => call.startsWith('restart '));
  assert.ok(restarted >= 0);
  const looks = calls.slice(restarted).filter((call) => call.startsWith('container inspect'));
  assert.ok(looks.length >= 9, `${looks.length} looks`);
});

test.run();
