/** Asks everything that has to do with one bottle, all at once. */

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BottleError } from '../../errors.ts';
import {
  AGENT_SERVICE,
  type Daemon,
  PROTECTED_LIST,
  projectName,
  sidecarContainer,
  sidecarService,
} from '../../plan/index.ts';
import { isBridgeSealed, networkBridges } from '../bridges.ts';
import type { Docker } from '../docker/index.ts';
import { daemonEvents } from '../events/index.ts';
import { isExpired, readGrants } from '../grants/index.ts';
import { type BottleHealth, bottleHealth } from '../health.ts';
import { bottleState, type DeployedBottle, isUp, servicesOf, upSince } from '../list/index.ts';
import { readQueue } from '../proposals/index.ts';
import { unprotected, workspaceReport } from '../workspace.ts';
import type { BottleStatus, ContainerStatus, DaemonStatus, GrantCount, ProposalCount } from './model.ts';
import { policyStatus } from './policy.ts';
import { problemsOf } from './problems.ts';

const EVENTS_SHOWN = 5;
const VERSION_MS = 10_000;

/** What a call that took too long would have said is not known; any other failure is one. */
async function unlessLate<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BottleError && error.code === 'docker/timed-out') return undefined;
    throw error;
  }
}

const shapeOf = ({ record, containers }: DeployedBottle) =>
  record?.shape ?? (containers.has('sidecars') ? 'bundle' : 'split');

function daemonsOf({ record }: DeployedBottle, health: BottleHealth | undefined): readonly Daemon[] {
  return record?.daemons ?? (Object.keys(health?.daemons ?? {}) as Daemon[]);
}

function daemonStatus(bottle: DeployedBottle, daemon: Daemon, health: BottleHealth | undefined): DaemonStatus {
  const found = health?.daemons[daemon];
  const isRunning = isUp(bottle.containers.get(sidecarService(daemon, shapeOf(bottle))));
  const silence = isRunning ? 'its container does not answer' : 'its container does not run';
  return {
    daemon,
    up: found?.up === true && isRunning,
    detail: isRunning ? (found?.detail ?? silence) : silence,
    restarts: found?.restarts ?? 0,
    crashLoop: found?.crashLoop ?? false,
    refusals: found?.refusals ?? 0,
    policy: policyStatus(bottle.stateDir, daemon, found?.digest),
  };
}

function containerStatus({ slug, record, containers }: DeployedBottle, service: string): ContainerStatus {
  const found = containers.get(service);
  const image = record?.images[service === AGENT_SERVICE ? 'agent' : 'sidecars'];
  const [daemon] = record?.daemons.filter((one) => sidecarService(one, record.shape) === service) ?? [];
  const expected = daemon === undefined ? projectName(slug) : sidecarContainer(slug, daemon, record?.shape ?? 'bundle');
  return {
    service,
    name: found?.name ?? expected,
    status: found?.status ?? 'missing',
    startedAt: found?.startedAt ?? null,
    restarts: found?.restarts ?? 0,
    image: image?.reference ?? null,
    imageIsDeployed: found === undefined || image === undefined ? null : found.imageId === image.id,
  };
}

/** What the program in pipelock's slot calls itself. */
async function scannerVersion(docker: Docker, bottle: DeployedBottle): Promise<string | null> {
  const container = bottle.containers.get(sidecarService('pipelock', shapeOf(bottle)));
  if (container === undefined || !isUp(container)) return null;
  const asked = docker.attempt(['exec', container.id, '/pipelock', 'version'], { timeoutMs: VERSION_MS });
  return /\d+\.\d+\.\d+[\w.+-]{0,40}/.exec((await unlessLate(asked))?.stdout ?? '')?.[0] ?? null;
}

async function workspace(docker: Docker, bottle: DeployedBottle): Promise<BottleStatus['workspace']> {
  const { record, containers, stateDir } = bottle;
  const agent = containers.get(AGENT_SERVICE);
  const name = record?.workspace;
  if (name === undefined) return null;
  if (agent === undefined || !isUp(agent)) return { name, state: 'unknown', detail: '', unprotected: null };
  const isGuarded = existsSync(join(stateDir, 'agent', basename(PROTECTED_LIST)));
  const [report, loss] = await Promise.all([
    workspaceReport(docker, agent.id, 0),
    isGuarded ? unlessLate(unprotected(docker, agent.id)) : undefined,
  ]);
  return { name, ...report, unprotected: loss ?? null };
}

async function network(docker: Docker, { slug, containers }: DeployedBottle): Promise<BottleStatus['network']> {
  const project = projectName(slug);
  const isolated = [`${project}_internal`, `${project}_inner`];
  const joined = [...new Set([...containers.values()].flatMap(({ networks }) => networks))].sort();
  const bridges = await networkBridges(
    docker,
    joined.filter((name) => isolated.includes(name)),
  );
  const seals = bridges.map(isBridgeSealed);
  const isKnown = seals.length > 0 && !seals.includes(undefined);
  return {
    egress: joined.filter((name) => !isolated.includes(name)),
    sealed: seals.includes(false) ? false : isKnown ? true : null,
  };
}

/** A file that cannot be read is told as that, and is no reason to tell nothing else. */
function grants({ stateDir }: DeployedBottle): GrantCount | null {
  try {
    const live = readGrants(stateDir).filter((grant) => !isExpired(grant, new Date()));
    const ends = live.flatMap((grant) => (grant.kind === 'open' && grant.expires !== undefined ? [grant.expires] : []));
    return { live: live.length, nextExpiry: ends.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null };
  } catch {
    return null;
  }
}

async function proposals({ slug, stateDir }: DeployedBottle): Promise<ProposalCount | null> {
  try {
    const { open, skipped } = await readQueue(stateDir, slug);
    return { open: open.length, skipped: skipped.length };
  } catch {
    return null;
  }
}

export async function bottleStatus(docker: Docker, bottle: DeployedBottle): Promise<BottleStatus> {
  const [health, version, clone, networks, events, asked] = await Promise.all([
    unlessLate(bottleHealth(docker, bottle.containers)),
    scannerVersion(docker, bottle),
    workspace(docker, bottle),
    network(docker, bottle),
    daemonEvents(bottle.stateDir, EVENTS_SHOWN),
    proposals(bottle),
  ]);
  const known = {
    slug: bottle.slug,
    app: bottle.app,
    shape: bottle.record?.shape ?? null,
    since: upSince(bottle) ?? null,
    scanner: { engine: bottle.record?.scanner ?? null, version },
    daemons: daemonsOf(bottle, health).map((daemon) => daemonStatus(bottle, daemon, health)),
    containers: servicesOf(bottle).map((service) => containerStatus(bottle, service)),
    workspace: clone,
    network: networks,
    events: events.recent,
    skippedEvents: events.skipped,
    grants: grants(bottle),
    proposals: asked,
    supervised: bottle.record?.daemons.includes('supervise') === true,
  };
  const problems = problemsOf({ ...known, incomplete: bottle.record?.complete === false });
  const state = bottleState(bottle);
  // The engine's word is some seconds old: a daemon that has died since is told by ours.
  const now = state === 'healthy' && problems.length > 0 ? 'unhealthy' : state;
  return { ...known, state: now, healthy: problems.length === 0, problems };
}
