/** The sandbox-escape suite and the probes of the deliberate differences, on the bottle of examples/demo. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { docker, placeOn } from '../../examples/demo/internet/docker.ts';
import {
  allowedSite,
  broadcastOutOfReach,
  cleanPush,
  cloneThroughGate,
  connectScript,
  daemonsForTheAgent,
  hostOutOfReach,
  innerHopOutOfReach,
  openIn,
  type Probe,
  pathOutsideRoute,
  plantedSecrets,
  portsFromHost,
  portsFromNeighbour,
  resolverOutOfReach,
  scanScript,
  secretAsSubdomain,
  secretPush,
  smuggledRequest,
  spoofs,
  superviseTools,
  unlistedSite,
} from '../../examples/demo/probes/index.ts';
import type { OpenStage } from '../../examples/demo/stage.ts';
import { DAEMON_PORT, type Daemon, longAlias } from '../../lib/plan/index.ts';
import { holdAll, inBothShapes, onStage } from '../support/staged.ts';
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
  ['difference 1', daemonsForTheAgent],
  ['difference 2', portsFromNeighbour],
  ['difference 2', portsFromHost],
  ['difference 3', hostOutOfReach],
  ['difference 3', broadcastOutOfReach],
];

/** An IPv4 address as `/proc/net/tcp` writes it. */
const asInKernel = (address: string): string =>
  address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

/** Where `daemon` listens by the kernel of its container, as `<address in hex>:<port>`. */
async function listening(container: string, port: number): Promise<readonly string[]> {
  const table = await docker(['exec', container, 'cat', '/proc/net/tcp']);
  return [...table.matchAll(/: ([0-9A-F]{8}):([0-9A-F]{4}) 00000000:0000 0A/g)]
    .filter(([, , hex]) => Number.parseInt(hex ?? '', 16) === port)
    .map(([, address = '']) => address);
}

/** The one address that `daemon` has to listen on. */
async function servingAddress({ slug, shape, sidecar }: OpenStage, daemon: Daemon): Promise<string> {
  if (daemon === 'pipelock' && shape === 'bundle') return '127.0.0.1';
  const network = daemon === 'pipelock' ? 'inner' : 'internal';
  return (await placeOn(sidecar(daemon), `claude-bottle-${slug}_${network}`)).address;
}

inBothShapes(test, stage, (shape) => {
  holdAll(test, stage, PROBES, shape);

  test(`${shape}: what egress serves is signed by the CA that deploy minted, and by none of its own making`, async () => {
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

  test(`${shape}: each daemon listens on one address, that of the network which it serves`, async () => {
    for (const daemon of stage().daemons) {
      const found = await listening(stage().sidecar(daemon), DAEMON_PORT[daemon]);
      assert.equal(found, [asInKernel(await servingAddress(stage(), daemon))], daemon);
    }
  });

  test(`${shape}: no port is pipelock's to judge behind egress`, async () => {
    const { slug, sidecar } = stage();
    const answer = await docker(['exec', sidecar('egress'), ...connectScript(longAlias('pipelock', slug))]);
    assert.match(answer, /^HTTP\/1\.1 502 [\s\S]*tunnel dial failed/, 'tried, for nobody is there');
  });
});

interface Configured {
  readonly Config: { readonly Env: readonly string[] };
  readonly Mounts: readonly { readonly Destination: string }[];
}

const configured = async (container: string): Promise<Configured> => {
  const [details] = JSON.parse(await docker(['inspect', container])) as [Configured];
  return details;
};

test('split: the credential is in the container of egress, and in no other', async () => {
  const { daemons, sidecar, token } = stage();
  const holders: Daemon[] = [];
  for (const daemon of daemons) {
    const { Env } = (await configured(sidecar(daemon))).Config;
    if (Env.some((entry) => entry.includes(token) || entry.startsWith('EGRESS_TOKEN_'))) holders.push(daemon);
    const processes = await docker(['exec', sidecar(daemon), 'sh', '-c', "cat /proc/[0-9]*/environ | tr '\\0' '\\n'"]);
    assert.is(processes.includes(token), daemon === 'egress', daemon);
  }
  assert.equal(holders, ['egress']);
});

test('split: the secret files of a daemon are mounted into its own container alone', async () => {
  const { daemons, sidecar } = stage();
  const mounted = await Promise.all(
    daemons.map(async (daemon) => {
      const targets = (await configured(sidecar(daemon))).Mounts.map(({ Destination }) => Destination);
      return targets.filter((target) => target.startsWith('/run/secrets/'));
    }),
  );
  assert.equal(mounted, [['/run/secrets/egress'], ['/run/secrets/pipelock'], ['/run/secrets/git-gate'], []]);
});

test('split: egress and supervise have no way out of their own', async () => {
  const { internet, sidecar } = stage();
  const site = `${await internet.addressOf('unlisted')}:443`;
  const outOf = async (daemon: Daemon): Promise<readonly string[]> =>
    openIn(await docker(['exec', sidecar(daemon), 'sh', '-c', scanScript([site])]));
  assert.equal(await outOf('pipelock'), [site], 'the control');
  assert.equal(await outOf('egress'), []);
  assert.equal(await outOf('supervise'), []);
});

test('split: with the agent on the inner network, the probe of the inner hop goes red', async () => {
  const { slug } = stage();
  const [inner, agent] = [`claude-bottle-${slug}_inner`, `claude-bottle-${slug}`];
  await docker(['network', 'connect', inner, agent]);
  try {
    for (const probe of [innerHopOutOfReach, daemonsForTheAgent]) {
      const verdict = await probe.run(stage());
      assert.not.ok(verdict.ok, verdict.seen);
      assert.match(verdict.seen, /OPEN .*claude-bottle-pipelock-demo-containment:8888/);
    }
  } finally {
    await docker(['network', 'disconnect', inner, agent]);
  }
});

test('back in one container, nothing of the split shape is left', async () => {
  await stage().deploy('bundle');
  const label = `label=claude-bottle.slug=${stage().slug}`;
  const names = async (...what: string[]): Promise<readonly string[]> =>
    (await docker([...what, '--filter', label])).trim().split('\n').sort();
  const slug = stage().slug;
  assert.equal(await names('ps', '--all', '--format', '{{.Names}}'), [
    `claude-bottle-${slug}`,
    `claude-bottle-sidecars-${slug}`,
  ]);
  assert.equal(await names('network', 'ls', '--format', '{{.Name}}'), [`claude-bottle-${slug}_internal`]);
  assert.ok((await allowedSite.run(stage())).ok);
  assert.ok((await innerHopOutOfReach.run(stage())).ok);
});

test.run();
