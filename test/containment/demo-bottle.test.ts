/** The sandbox-escape suite and the probes of the deliberate differences, on the bottle of examples/demo. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { docker } from '../../examples/demo/internet/docker.ts';
import {
  allowedSite,
  broadcastOutOfReach,
  cleanPush,
  cloneThroughGate,
  hostOutOfReach,
  innerHopOutOfReach,
  type Probe,
  pathOutsideRoute,
  plantedSecrets,
  portsFromHost,
  portsFromNeighbour,
  resolverOutOfReach,
  secretAsSubdomain,
  secretPush,
  smuggledRequest,
  spoofs,
  superviseTools,
  unlistedSite,
} from '../../examples/demo/probes/index.ts';
import { DAEMON_PORT } from '../../lib/plan/index.ts';
import { holdAll, onStage } from '../support/staged.ts';
import { suite } from '../support/suite.ts';

const test = suite('the demo bottle', { timeoutMs: 600_000 });

const stage = onStage(test, {
  definition: join(import.meta.dirname, '../../examples/demo/app.ts'),
  slug: 'demo-containment',
  suffix: 'containment',
});

const PROBES: readonly (readonly [string, Probe])[] = [
  ['grant', allowedSite],
  ['attack 1', unlistedSite],
  ...spoofs.map((probe) => ['attack 2', probe] as const),
  ...plantedSecrets.map((probe) => ['attack 3', probe] as const),
  ['attack 4a', secretAsSubdomain],
  ['attack 4b', resolverOutOfReach],
  ['route', pathOutsideRoute],
  ['route', smuggledRequest],
  ['grant', cloneThroughGate],
  ['grant', cleanPush],
  ['attack 5', secretPush],
  ['grant', superviseTools],
  ['difference 1', innerHopOutOfReach],
  ['difference 2', portsFromNeighbour],
  ['difference 2', portsFromHost],
  ['difference 3', hostOutOfReach],
  ['difference 3', broadcastOutOfReach],
];

holdAll(test, stage, PROBES);

test('what egress serves is signed by the CA that deploy minted, and by no CA of its own making', async () => {
  const { home, slug, agent } = stage();
  const file = join(home, 'state', slug, 'secrets/egress/mitmproxy-ca.pem');
  const [certificate = ''] =
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(readFileSync(file, 'utf8')) ?? [];
  const fetchWith = (trusted: string) =>
    agent(
      `cat >/tmp/only.pem; curl -sS -o /dev/null --cacert /tmp/only.pem https://api.allowed.test/v1/x && echo ok`,
      trusted,
    );
  assert.is((await fetchWith(certificate)).stdout.trim(), 'ok');
  const internetCA = readFileSync(join(home, '../internet/internet-ca.pem'), 'utf8');
  assert.is((await fetchWith(internetCA)).stdout.trim(), '');
});

test('no daemon listens on all interfaces, and pipelock on the loopback alone', async () => {
  const table = await docker(['exec', `claude-bottle-sidecars-${stage().slug}`, 'cat', '/proc/net/tcp']);
  const listening = [...table.matchAll(/: ([0-9A-F]{8}):([0-9A-F]{4}) 00000000:0000 0A/g)].map(([, address, port]) => ({
    address,
    port: Number.parseInt(port ?? '', 16),
  }));
  const ports = Object.values(DAEMON_PORT);
  const ours = listening.filter(({ port }) => ports.includes(port));
  assert.equal(ours.map(({ port }) => port).sort(), [...ports].sort());
  for (const { address, port } of ours) assert.is.not(address, '00000000', `port ${port}`);
  assert.is(ours.find(({ port }) => port === DAEMON_PORT.pipelock)?.address, '0100007F');
});

test.run();
