/** The containers of bottles, as the engine sees them. Their environment is never read: it holds the tokens. */

import { z } from 'zod';
import { LABEL } from '../plan/index.ts';
import { type Docker, dockerFailure } from './docker/index.ts';

/** Labels that compose puts on what it makes. */
export const COMPOSE_LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  workingDir: 'com.docker.compose.project.working_dir',
  configHash: 'com.docker.compose.config-hash',
} as const;

const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Restarting: z.boolean(),
    ExitCode: z.number(),
    Error: z.string().optional(),
    StartedAt: z.string(),
    Health: z
      .object({
        Status: z.string(),
        Log: z.array(z.object({ Start: z.string(), Output: z.string() })).nullish(),
      })
      .nullish(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Id of the image, `sha256:…`. */
  readonly imageId: string;
  /** `created`, `running`, `restarting`, `exited`, `paused`, … */
  readonly status: string;
  readonly running: boolean;
  readonly restarting: boolean;
  readonly restarts: number;
  readonly exitCode: number;
  /** What the engine says about a start that failed. */
  readonly error: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /** `starting`, `healthy`, `unhealthy`; undefined without a health check. */
  readonly health: string | undefined;
  /** Output of the last health check since the container was started. */
  readonly healthOutput: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the networks that it is on. */
  readonly networks: readonly string[];
}

function container(text: string): Container {
  const { Id, Name, Image, RestartCount, State, Config, NetworkSettings } = inspected.parse(JSON.parse(text));
  const labels = Config.Labels ?? {};
  return {
    id: Id,
    name: Name.replace(/^\//, ''),
    service: labels[COMPOSE_LABEL.service] ?? '',
    imageId: Image,
    status: State.Status,
    running: State.Running,
    restarting: State.Restarting,
    restarts: RestartCount,
    exitCode: State.ExitCode,
    error: State.Error ?? '',
    startedAt: State.StartedAt,
    health: State.Health?.Status,
    // The engine keeps the results of before a restart.
    healthOutput: State.Health?.Log?.findLast(({ Start }) => Date.parse(Start) >= Date.parse(State.StartedAt))?.Output,
    labels,
    networks: Object.keys(NetworkSettings?.Networks ?? {}),
  };
}

const NOT_FOUND = /no such (container|object)/i;

/** Those of the containers `names` (names or ids) that exist. */
export async function inspectContainers(docker: Docker, names: readonly string[]): Promise<readonly Container[]> {
  if (names.length === 0) return [];
  const { stdout, stderr, exitCode } = await docker.attempt([
    'container',
    'inspect',
    '--format',
    '{{json .}}',
    ...names,
  ]);
  const complaints = stderr.split('\n').filter((line) => line.trim() !== '' && !NOT_FOUND.test(line));
  if (exitCode !== 0 && complaints.length > 0) throw dockerFailure('container inspect', stderr, exitCode);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(container);
}

/** Every container, running or not, that carries `label`, with `value` if one is given. */
export async function labelledContainers(docker: Docker, label: string, value?: string): Promise<readonly Container[]> {
  const filter = value === undefined ? `label=${label}` : `label=${label}=${value}`;
  const ids = await docker.run(['ps', '--all', '--quiet', '--no-trunc', '--filter', filter]);
  return inspectContainers(docker, ids.split('\n').filter(Boolean));
}

/** Who a bottle on this host belongs to. `app` undefined: not known any more, slug and state directory decide. */
export interface BottleOwner {
  readonly slug: string;
  readonly app: string | undefined;
  readonly stateDir: string;
}

/** Whether `labels` of a network or volume say that it belongs to `owner`'s slug and app. */
export function hasOwnerLabels(labels: Readonly<Record<string, string>>, { slug, app }: BottleOwner): boolean {
  return labels[LABEL.slug] === slug && (app === undefined || labels[LABEL.app] === app);
}

/** Whether a container is of `owner`: same slug, app and state directory. */
export function isContainerOf({ labels }: Container, owner: BottleOwner): boolean {
  return hasOwnerLabels(labels, owner) && labels[COMPOSE_LABEL.workingDir] === owner.stateDir;
}
