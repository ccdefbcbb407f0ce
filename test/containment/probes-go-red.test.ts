/**
 * A probe that stays green when its protection is gone proves nothing. Here each protection is switched off, in the
 * definition or by a compose override, and its probe must fail because something arrived.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { docker, placeOn } from '../../examples/demo/internet/docker.ts';
import { SITES } from '../../examples/demo/internet/internet.ts';
import {
  allowedSite,
  broadcastOutOfReach,
  daemonsForTheAgent,
  hostOutOfReach,
  innerHopOutOfReach,
  PLANTED_SECRET,
  type Probe,
  pathOutsideRoute,
  plantedSecrets,
  portsFromHost,
  portsFromNeighbour,
  resolverOutOfReach,
  secretAsSubdomain,
  secretPush,
  spoofs,
  unlistedSite,
} from '../../examples/demo/probes/index.ts';
import type { OpenStage } from '../../examples/demo/stage.ts';
import { sshEnvironment } from '../../images/sidecars/git-gate/ssh.ts';
import { GIT_GATE_URL, listenAlias, type Shape, sidecarService } from '../../lib/plan/index.ts';
import { inBothShapes, onStage } from '../support/staged.ts';
import { suite } from '../support/suite.ts';

const test = suite('a weakened bottle', { timeoutMs: 600_000 });
const SLUG = 'weakened';

/** git-gate's hook, as one that forwards without a look: with its key, to its upstream. */
const BLIND_HOOK = `#!/bin/sh
export GIT_SSH_COMMAND='${sshEnvironment({ key: '/run/git-gate/app.key' })['GIT_SSH_COMMAND']}'
while read -r from to ref; do git push -q ssh://git@git.test/srv/git/app.git "$to:$ref" || exit 1; done
`;

/**
 * Brings the bottle up again: an address on the bridge, the agent on the outside network with a resolver that answers
 * and an address for the planted sub-domain, a git-gate that does not scan.
 */
async function weaken({ home, env, internet, shape }: OpenStage): Promise<void> {
  const state = join(home, 'state', SLUG);
  const hook = join(state, 'blind-hook');
  writeFileSync(hook, BLIND_HOOK, { mode: 0o755 });
  const subdomain = `${PLANTED_SECRET.toLowerCase()}.${SITES.allowed}`;
  const override = {
    services: {
      agent: {
        networks: { internal: null, outside: null },
        dns: [await internet.addressOf('dns')],
        extra_hosts: [`${subdomain}:${await internet.addressOf('allowed')}`],
      },
      [sidecarService('git-gate', shape)]: { volumes: [`${hook}:/opt/claude-bottle/git-gate/hooks/pre-receive:ro`] },
    },
    networks: {
      internal: { driver_opts: { 'com.docker.network.bridge.inhibit_ipv4': 'false' } },
      outside: { name: internet.network, external: true },
    },
  };
  writeFileSync(join(state, 'weak.yaml'), stringify(override));
  const files = ['compose.yaml', 'compose.override.yaml', 'weak.yaml'].flatMap((file) => ['-f', join(state, file)]);
  const compose = (...args: string[]) =>
    execa('docker', ['compose', '--project-directory', state, ...files, ...args], { env, stdin: 'ignore' });
  await compose('down');
  await compose('up', '--detach', '--wait');
}

/** Opens the daemons' ports on the outer address, as a daemon bound to 0.0.0.0 would. */
async function listenOutside({ internet, sidecar }: OpenStage): Promise<void> {
  const container = sidecar('pipelock');
  const { address } = await placeOn(container, internet.network);
  const script = `for (const port of [9099, 9100]) require('node:net').createServer().listen(port, '${address}')`;
  await docker(['exec', '--detach', container, 'node', '-e', script]);
}

/** `probe` with `changed` for each script of the agent. */
const changing = (probe: Probe, changed: (script: string, shape: Shape) => string): Probe => ({
  ...probe,
  run: (stage) => probe.run({ ...stage, agent: (script, input) => stage.agent(changed(script, stage.shape), input) }),
});

const withoutProxy = (probe: Probe): Probe =>
  changing(probe, (script) => `export NO_PROXY='*' no_proxy='*'; ${script}`);

/** In the split shape git-gate has its other names on the outside network, too, and the agent is on that here. */
const byOneAddress = (probe: Probe): Probe =>
  changing(probe, (script, shape) =>
    shape === 'split' ? script.replaceAll(GIT_GATE_URL, `git://${listenAlias('git-gate', SLUG)}/`) : script,
  );

const definition = join(import.meta.dirname, 'definitions/weakened.ts');
const stage = onStage(test, { definition, slug: SLUG });

const ARRIVALS: readonly (readonly [gone: string, probe: Probe, arrived: RegExp])[] = [
  ['without a credential to inject', allowedSite, /WITHOUT the credential/],
  ['with the unlisted site listed', unlistedSite, /THE REQUEST/],
  ['without path rules', pathOutsideRoute, /THE REQUEST/],
  ...plantedSecrets.map((probe) => ['with the content scan switched off', probe, /THE SECRET/] as const),
  ...[...spoofs, secretAsSubdomain].map(
    (probe) => ['with the agent on the outside network', withoutProxy(probe), /THE (?:REQUEST|SECRET)/] as const,
  ),
  ['without a scan of what is pushed', byOneAddress(secretPush), /THE COMMIT/],
  ['with an address on the bridge', hostOutOfReach, /\d REQUESTS/],
  ['with a bridge that is not sealed', broadcastOutOfReach, /\d DATAGRAMS/],
  ['with the agent on the outside network', resolverOutOfReach, /QUERIES .*agent-direct/],
  ['with a resolver that forwards', resolverOutOfReach, /QUERIES .*agent-indirect/],
];

const OPEN: readonly (readonly [gone: string, probe: Probe, seen: RegExp])[] = [
  // By which of its names depends: the agent is on the outside network here, where the split shape has some of them, too.
  ['with pipelock exposed', innerHopOutOfReach, /OPEN .*-pipelock-weakened:8888/],
  ['with pipelock exposed', daemonsForTheAgent, /OPEN .*-pipelock-weakened:8888/],
  ['with daemons on the outer address', portsFromNeighbour, /2 open/],
  ['with daemons on the outer address', portsFromHost, /2 open/],
];

inBothShapes(test, stage, (shape) => {
  test(`${shape}: the bottle can be weakened`, async () => {
    await weaken(stage());
    await listenOutside(stage());
  });

  for (const [gone, probe, arrived] of ARRIVALS) {
    test(`${shape}: ${gone}, the probe goes red: ${probe.title}`, async () => {
      const verdict = await probe.run(stage());
      assert.not.ok(verdict.ok, `still green: ${verdict.seen}; ${verdict.arrived}`);
      assert.match(verdict.arrived, arrived);
    });
  }

  for (const [gone, probe, seen] of OPEN) {
    test(`${shape}: ${gone}, the probe goes red: ${probe.title}`, async () => {
      const verdict = await probe.run(stage());
      assert.not.ok(verdict.ok, `still green: ${verdict.seen}; ${verdict.arrived}`);
      assert.match(verdict.seen, seen);
    });
  }
});

test.run();
