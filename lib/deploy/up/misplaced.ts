/**
 * What Compose leaves as it is although the files say otherwise: a network that exists keeps how it was made, and a
 * container keeps the networks that it was made on when one of them becomes another. What a definition has closed would
 * stay open.
 */

import { z } from 'zod';
import type { Container } from '../../operate/index.ts';
import type { DeclaredNetwork } from '../compose-file.ts';
import { type Belongings, belongings, takeDown } from '../down/take-down.ts';
import type { BringUp } from './run.ts';

const inspected = z.object({
  Name: z.string(),
  Internal: z.boolean().default(false),
  Options: z.record(z.string(), z.string()).nullish(),
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }).nullish(),
});

function isAsDeclared(wanted: DeclaredNetwork, text: string): boolean {
  const { Internal, Options, IPAM } = inspected.parse(JSON.parse(text));
  const subnets = (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
  return (
    Internal === wanted.internal &&
    Object.entries(wanted.options).every(([name, value]) => Options?.[name] === value) &&
    wanted.subnets.every((subnet) => subnets.includes(subnet))
  );
}

/** Networks of ours that were made otherwise than the files declare them. */
async function staleNetworks({ docker, ready }: BringUp, networks: readonly string[]): Promise<readonly string[]> {
  const kept = ready.compose.declaredNetworks.filter(({ name }) => networks.includes(name));
  const stale = kept.map(async (wanted) => {
    const { stdout, exitCode } = await docker.attempt(['network', 'inspect', '--format', '{{json .}}', wanted.name]);
    return exitCode === 0 && !isAsDeclared(wanted, stdout) ? [wanted.name] : [];
  });
  return (await Promise.all(stale)).flat();
}

const isOn = (container: Container, networks: readonly string[]): boolean =>
  container.networks.some((name) => networks.includes(name));

export type Misplaced = Pick<Belongings, 'containers' | 'networks'>;

/** Of what is the bottle's `own`: networks that are not as declared, with who is on them, and containers that are on others than they should be. */
export async function misplaced(run: BringUp, own: Misplaced): Promise<Misplaced> {
  const networks = await staleNetworks(run, own.networks);
  const wanted = new Map(run.ready.compose.services.map((service) => [service.name, service.networks]));
  const isElsewhere = ({ service, networks: there }: Container): boolean => {
    const places = wanted.get(service);
    // One that the engine shows on no network has none to be wrong.
    if (places === undefined || there.length === 0) return false;
    return there.length !== places.length || there.some((name) => !places.includes(name));
  };
  return { networks, containers: own.containers.filter((one) => isElsewhere(one) || isOn(one, networks)) };
}

/** Removes them, so that Compose makes them anew; data volumes stay. */
export async function removeMisplaced(run: BringUp): Promise<void> {
  const found = await misplaced(run, await belongings(run.docker, run.ready.owner));
  if (found.containers.length + found.networks.length > 0) await takeDown(run.docker, { ...found, volumes: [] });
}
