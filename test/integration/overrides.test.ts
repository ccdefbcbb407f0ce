/** What the rules over documents let pass opens nothing: a bottle with all of it, probed from inside. */

import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { docker } from '../../examples/demo/internet/docker.ts';
import {
  broadcastOutOfReach,
  daemonsForTheAgent,
  hostOutOfReach,
  innerHopOutOfReach,
  type Probe,
  portsFromHost,
  resolverOutOfReach,
  unlistedSite,
} from '../../examples/demo/probes/index.ts';
import { curl, statusOf } from '../../examples/demo/probes/probe.ts';
import { holdAll, onStage } from '../support/staged.ts';
import { suite } from '../support/suite.ts';

const test = suite('a bottle with every harmless override', { timeoutMs: 600_000 });
const SLUG = 'overridden';
const stage = onStage(test, { definition: join(import.meta.dirname, 'overrides/definition.ts'), slug: SLUG });

const PROBES: readonly Probe[] = [
  unlistedSite,
  hostOutOfReach,
  broadcastOutOfReach,
  innerHopOutOfReach,
  daemonsForTheAgent,
  resolverOutOfReach,
  portsFromHost,
];

interface Inspected {
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly Tty: boolean };
  readonly HostConfig: {
    readonly CpuShares: number;
    readonly Ulimits: readonly { readonly Name: string; readonly Soft: number }[] | null;
    readonly CapAdd: readonly string[] | null;
    readonly PidsLimit: number;
    readonly Privileged: boolean;
  };
}

async function inspected(container: string): Promise<Inspected> {
  const [details] = JSON.parse(await docker(['inspect', container])) as [Inspected];
  return details;
}

test('the overrides arrived at the engine', async () => {
  const agent = await inspected(`claude-bottle-${SLUG}`);
  const sidecars = await inspected(stage().sidecar('egress'));
  for (const { Config, HostConfig } of [agent, sidecars]) {
    assert.is(Config.Labels['com.example.team'], 'platform');
    assert.is(HostConfig.CpuShares, 512);
    assert.is(HostConfig.PidsLimit, 700);
    assert.is(HostConfig.Ulimits?.find(({ Name }) => Name === 'nofile')?.Soft, 4096);
    assert.not(HostConfig.Privileged);
  }
  assert.ok(agent.Config.Tty);
  assert.equal(agent.HostConfig.CapAdd ?? [], []);
  assert.equal((sidecars.HostConfig.CapAdd ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, '')).sort(), [
    'KILL',
    'SETGID',
    'SETUID',
  ]);
});

test('the agent still reaches what its route allows', async () => {
  const seen = await stage().agent(curl('https://api.allowed.test/v1/hello'));
  assert.is(statusOf(seen), 200, seen.stdout);
});

holdAll(
  test,
  stage,
  PROBES.map((probe) => ['overridden', probe] as const),
  'bundle',
);

test.run();
