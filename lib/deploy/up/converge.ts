/** From the files of a state directory to containers that run them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BottleError } from '../../errors.ts';
import { type Container, interrupted, parseHealth } from '../../operate/index.ts';
import { AGENT_SERVICE } from '../../plan/index.ts';
import { belongings, takeDown } from '../down/take-down.ts';
import { configHashes } from './compose.ts';
import { applyConfiguration, awaitDigests, outdated, reaction, restart } from './reload.ts';
import { type BringUp, serviceContainers, sidecarServices, standing, wantedDigests } from './run.ts';
import { isBridgeSealed, sealBridge } from './seal-bridge.ts';
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
  return new Map(services.map((name) => [name, standing(run, containers.get(name), hashes.get(name))]));
}

/** Whether everything runs exactly what the files say, policies included, by the last health check. */
export async function isConverged(run: BringUp): Promise<boolean> {
  if ([...(await standings(run)).values()].some((how) => how !== 'current')) return false;
  if (!(await isBridgeSealed(run))) return false;
  const containers = await serviceContainers(run.docker, run.ready);
  return sidecarServices(run.ready).every((name) => {
    const health = parseHealth(containers.get(name)?.healthOutput ?? '');
    return outdated(health, wantedDigests(run.ready)).length === 0;
  });
}

/**
 * Brings stale services up. Compose recreates a dependent together with what it depends on, so the sidecars go first
 * and alone: then a change of theirs leaves the agent untouched, and a new agent starts on a sealed network.
 */
async function bringServicesUp(run: BringUp, before: ReadonlyMap<string, Container>): Promise<void> {
  const how = await standings(run);
  const stale = [...how.keys()].filter((name) => how.get(name) !== 'current');
  if (stale.length === 0) return sealBridge(run);
  for (const name of stale) {
    const container = before.get(name);
    if (how.get(name) === 'unwell' && container !== undefined) await restart(run, container.id);
  }
  const sidecars = sidecarServices(run.ready);
  if (stale.some((name) => sidecars.includes(name))) await composeUp(run, sidecars, before);
  // The network is there now, and no agent is on it that was not before.
  await sealBridge(run);
  if (stale.includes(AGENT_SERVICE)) await composeUp(run, [], before);
}

/**
 * Removes containers of ours under names that are not: compose renames the old one while it makes the new one, and
 * one that was ended then would later start the old one under that name.
 */
async function removeMisnamed({ docker, ready }: BringUp): Promise<void> {
  const names = ready.compose.services.map(({ container }) => container);
  const { containers } = await belongings(docker, ready.owner);
  const misnamed = containers.filter(({ name }) => !names.includes(name));
  if (misnamed.length > 0) await takeDown(docker, { containers: misnamed, networks: [], volumes: [] });
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
  await removeMisnamed(run);
  const before = await serviceContainers(run.docker, run.ready);
  await bringServicesUp(run, before);
  if (run.signal?.aborted === true) throw interrupted();

  const after = await serviceContainers(run.docker, run.ready);
  const changes: string[] = [];
  for (const { name } of run.ready.compose.services) {
    const old = before.get(name);
    const now = after.get(name);
    if (now === undefined) throw new BottleError('deploy/not-healthy', `service ${name} has no container`);
    if (old === undefined) changes.push(`${name}: created`);
    else if (old.id !== now.id) changes.push(`${name}: recreated`);
    else if (old.startedAt !== now.startedAt) changes.push(`${name}: started`);
  }
  for (const name of sidecarServices(run.ready)) {
    const old = before.get(name);
    const now = after.get(name);
    if (now === undefined) continue;
    const startedNow = old === undefined || old.id !== now.id || old.startedAt !== now.startedAt;
    changes.push(...(await settleDaemons(run, now.id, startedNow ? 'none' : reaction(changed))));
  }
  await assertAgentStays(run, before.get(AGENT_SERVICE));
  return { changes };
}

async function settleDaemons(run: BringUp, container: string, how: ReturnType<typeof reaction>): Promise<string[]> {
  if (how !== 'none') return [`sidecars: ${await applyConfiguration(run, container, how)}`];
  // Just started, or nothing changed for them: they run their files already, or will as soon as asked.
  if ((await awaitDigests(run, container, DIGEST_MS)).length === 0) return [];
  return [`sidecars: ${await applyConfiguration(run, container, 'reload')}`];
}
