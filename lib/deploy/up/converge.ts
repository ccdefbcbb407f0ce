/** From the files of a state directory to containers that run them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../../errors.ts';
import { type Container, interrupted, parseHealth, unprotected } from '../../operate/index.ts';
import { AGENT_SERVICE } from '../../plan/index.ts';
import { type Belongings, belongings, takeDown } from '../down/take-down.ts';
import { awaitEngine } from './await-engine.ts';
import { configHashes } from './compose.ts';
import { misplaced, removeMisplaced } from './misplaced.ts';
import { ownVolumes } from './own-volumes.ts';
import { applyConfiguration, awaitDigests, outdated, reaction, restart } from './reload.ts';
import { type BringUp, serviceContainers, serviceDaemons, sidecarServices, standing, wantedDigests } from './run.ts';
import { areBridgesSealed, sealBridges } from './seal-bridge.ts';
import { composeUp } from './watch.ts';

/** A process that ends at once has done so by then. */
const SETTLE_MS = 500;
const DIGEST_MS = 15_000;

/** How each service's container stands to what the files say. */
async function standings(run: BringUp): Promise<ReadonlyMap<string, ReturnType<typeof standing>>> {
  const [containers, hashes] = await Promise.all([
    serviceContainers(run.docker, run.ready),
    configHashes(run.docker, run.ready, run.projectDir),
  ]);
  const services = run.ready.compose.services.map(({ name }) => name);
  const standings = new Map(services.map((name) => [name, standing(run, containers.get(name), hashes.get(name))]));
  const agent = containers.get(AGENT_SERVICE);
  // A host that has replaced a protected path has taken its mount away with it: only a new start mounts it again.
  const isGuarded = agent === undefined || run.ready.workspace?.kind !== 'bind';
  if (
    !isGuarded &&
    standings.get(AGENT_SERVICE) === 'current' &&
    (await unprotected(run.docker, agent.id)) !== undefined
  )
    standings.set(AGENT_SERVICE, 'unwell');
  return standings;
}

/** Whether everything runs exactly what the files say, policies included, by the last health check. */
export async function isConverged(run: BringUp): Promise<boolean> {
  if ([...(await standings(run)).values()].some((how) => how !== 'current')) return false;
  if (!(await areBridgesSealed(run))) return false;
  const own = await belongings(run.docker, run.ready.owner);
  if (misnamed(run, own).length > 0) return false;
  const elsewhere = await misplaced(run, own);
  if (elsewhere.containers.length + elsewhere.networks.length > 0) return false;
  const containers = await serviceContainers(run.docker, run.ready);
  return sidecarServices(run.ready).every((name) => {
    const health = parseHealth(containers.get(name)?.healthOutput ?? '');
    return outdated(health, wantedDigests(run.ready, name)).length === 0;
  });
}

/**
 * Brings stale services up. Compose recreates a dependent together with what it depends on, so the sidecars go first
 * and alone: then a change of theirs leaves the agent untouched, and a new agent starts on a sealed network.
 */
async function bringServicesUp(run: BringUp, before: ReadonlyMap<string, Container>): Promise<void> {
  const how = await standings(run);
  const stale = [...how.keys()].filter((name) => how.get(name) !== 'current');
  if (stale.length === 0) return sealBridges(run);
  for (const name of stale) {
    const container = before.get(name);
    if (how.get(name) === 'unwell' && container !== undefined) await restart(run, container.id);
  }
  const sidecars = sidecarServices(run.ready);
  if (stale.some((name) => sidecars.includes(name))) await composeUp(run, sidecars, before);
  // The networks are there now, and no agent is on them that was not before.
  await sealBridges(run);
  if (!stale.includes(AGENT_SERVICE)) return;
  await ownVolumes(run);
  await composeUp(run, [], before);
}

/**
 * Containers of ours under names that the files do not give: of the other shape, of a daemon that is gone, or left by a
 * compose that was ended in the middle of a recreate, for it renames the old one while it makes the new one, and would
 * later start the old one under that name.
 */
function misnamed({ ready }: BringUp, { containers }: Belongings): readonly Container[] {
  const names = ready.compose.services.map(({ container }) => container);
  return containers.filter(({ name }) => !names.includes(name));
}

/** Removes them, and returns the services that no file names any more. */
async function removeMisnamed(run: BringUp): Promise<readonly string[]> {
  const containers = misnamed(run, await belongings(run.docker, run.ready.owner));
  if (containers.length > 0) await takeDown(run.docker, { containers, networks: [], volumes: [] });
  const known = run.ready.compose.services.map(({ name }) => name);
  return [...new Set(containers.map(({ service }) => service))].filter((service) => !known.includes(service));
}

/** Removes networks of ours that the files do not name any more; one that somebody else still uses stays. */
async function removeStaleNetworks({ docker, ready }: BringUp): Promise<void> {
  const { networks } = await belongings(docker, ready.owner);
  const stale = networks.filter((name) => !ready.compose.networks.includes(name));
  await Promise.all(stale.map((name) => docker.attempt(['network', 'rm', name])));
}

async function assertAgentStays(run: BringUp, before: Container | undefined): Promise<void> {
  const agent = (await serviceContainers(run.docker, run.ready)).get(AGENT_SERVICE);
  const age = Date.now() - Date.parse(agent?.startedAt ?? '');
  if (age < SETTLE_MS) await sleep(SETTLE_MS - age);
  const now = (await serviceContainers(run.docker, run.ready)).get(AGENT_SERVICE);
  const earlier = before?.id === now?.id ? (before?.restarts ?? 0) : 0;
  if (now?.running === true && !now.restarting && now.restarts <= earlier) return;
  throw new BottleError('deploy/not-healthy', 'the agent ends as soon as it starts');
}

export interface Convergence {
  readonly changes: readonly string[];
}

/** Makes containers and daemons run what the files say, `changed` being those that differ from before. */
export async function converge(run: BringUp, changed: readonly string[]): Promise<Convergence> {
  const removed = await removeMisnamed(run);
  const before = await serviceContainers(run.docker, run.ready);
  await removeMisplaced(run);
  await bringServicesUp(run, before);
  if (run.signal?.aborted === true) throw interrupted();

  const after = await serviceContainers(run.docker, run.ready);
  const changes = removed.map((name) => `${name}: removed`);
  for (const { name } of run.ready.compose.services) {
    const old = before.get(name);
    const now = after.get(name);
    if (now === undefined) throw new BottleError('deploy/not-healthy', `service ${name} has no container`);
    if (old === undefined) changes.push(`${name}: created`);
    else if (old.id !== now.id) changes.push(`${name}: recreated`);
    else if (old.startedAt !== now.startedAt) changes.push(`${name}: started`);
  }
  changes.push(...(await settleSidecars(run, before, after, changed)));
  await assertAgentStays(run, before.get(AGENT_SERVICE));
  await removeStaleNetworks(run);
  await awaitEngine(run);
  return { changes };
}

/** Brings every sidecar to its files, all at once. Throws the first failure after all have ended. */
async function settleSidecars(
  run: BringUp,
  before: ReadonlyMap<string, Container>,
  after: ReadonlyMap<string, Container>,
  changed: readonly string[],
): Promise<string[]> {
  const settled = sidecarServices(run.ready).map(async (name) => {
    const old = before.get(name);
    const now = after.get(name);
    if (now === undefined) return [];
    const startedNow = old === undefined || old.id !== now.id || old.startedAt !== now.startedAt;
    return settleDaemons(run, now, startedNow ? 'none' : reaction(changed, serviceDaemons(run.ready, name)));
  });
  const outcomes = await Promise.allSettled(settled);
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

async function settleDaemons(run: BringUp, sidecar: Container, how: ReturnType<typeof reaction>): Promise<string[]> {
  if (how !== 'none') return [`${sidecar.service}: ${await applyConfiguration(run, sidecar, how)}`];
  // Just started, or nothing changed for them: they run their files already, or will as soon as asked.
  if ((await awaitDigests(run, sidecar, DIGEST_MS)).length === 0) return [];
  return [`${sidecar.service}: ${await applyConfiguration(run, sidecar, 'reload')}`];
}
