/** A bottle beside a test internet, and the ways to change its policy and to see what it runs. */

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SITES, type Site } from '../../../examples/demo/internet/internet.ts';
import { curl, type Outcome, statusOf } from '../../../examples/demo/probes/index.ts';
import { type OpenStage, openStage } from '../../../examples/demo/stage.ts';
import { BottleError } from '../../../lib/errors.ts';
import { type ApplyOptions, applyChanges, openLiveBottle } from '../../../lib/operate/apply/index.ts';
import { type AuditLine, verifyAudit } from '../../../lib/operate/audit/index.ts';
import { createDocker, type Docker } from '../../../lib/operate/docker/index.ts';
import { type Grant, type PolicyChange, readGrants } from '../../../lib/operate/grants/index.ts';
import { askHealth } from '../../../lib/operate/health.ts';
import { readDeployed, stateDirectory } from '../../../lib/operate/state/index.ts';

export const SLUG = 'allow';
export const AGENT = `claude-bottle-${SLUG}`;

export const open = (host: string, more: Partial<Extract<PolicyChange, { kind: 'open' }>> = {}): PolicyChange => ({
  kind: 'open',
  host,
  ...more,
});
export const close = (host: string): PolicyChange => ({ kind: 'close', host });

export interface LivePart {
  readonly stage: OpenStage;
  readonly docker: Docker;
  state(...path: string[]): string;
  /** Digests of the files on the host, and of what the daemons say that they run. */
  digests(): Promise<{ readonly files: Digests; readonly runs: Digests }>;
  grants(): readonly Grant[];
  audit(): readonly AuditLine[];
  /** Applies in this process. */
  apply(
    changes: readonly PolicyChange[],
    options?: ApplyOptions & { readonly docker?: Docker },
  ): ReturnType<typeof applyChanges>;
  /** What the agent gets from a site, and whether its request arrived there. */
  request(
    site: Site,
    path?: string,
  ): Promise<{ readonly status: number; readonly arrived: boolean; readonly outcome: Outcome }>;
}

interface Digests {
  readonly egress: string;
  readonly pipelock: string;
}

const sha256 = (path: string): string =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';

/** The error that `work` ends with. */
export async function failure(work: Promise<unknown>): Promise<BottleError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export async function openLivePart(subnet: string): Promise<LivePart> {
  const stage = await openStage({
    definition: join(import.meta.dirname, 'definition.ts'),
    slug: SLUG,
    shape: 'bundle',
    subnet,
    output: 'ignore',
  });
  // Every deploy uses the image of now, whatever is edited meanwhile.
  const image = readDeployed(stateDirectory(stage.home, SLUG))?.images.sidecars.reference;
  if (image !== undefined) Object.assign(stage.env, { CLAUDE_BOTTLE_SIDECAR_IMAGE: image });
  const docker = createDocker({ env: process.env });
  const state = (...path: string[]): string => join(stage.home, 'state', SLUG, ...path);
  return {
    stage,
    docker,
    state,
    digests: async () => {
      const running = await Promise.all(
        (['egress', 'pipelock'] as const).map(async (daemon) => {
          const health = await askHealth(docker, stage.sidecar(daemon));
          return health?.daemons[daemon]?.digest ?? '';
        }),
      );
      return {
        files: { egress: sha256(state('egress/routes.yaml')), pipelock: sha256(state('pipelock/pipelock.yaml')) },
        runs: { egress: running[0] ?? '', pipelock: running[1] ?? '' },
      };
    },
    grants: () => readGrants(state()),
    audit: () => verifyAudit(state()).lines,
    apply: async (changes, { docker: own = docker, ...options } = {}) =>
      applyChanges(
        await openLiveBottle(own, stage.home, SLUG),
        changes,
        { who: 'a test', why: 'a test', origin: 'allow' },
        { acknowledgeMs: 60_000, lockWaitMs: 120_000, ...options },
      ),
    request: async (site, path = '/') => {
      const mark = randomBytes(6).toString('hex');
      const outcome = await stage.agent(curl(`https://${SITES[site]}${path}?mark=${mark}`));
      const received = await stage.internet.received(site);
      return { status: statusOf(outcome), arrived: received.some(({ url }) => url.includes(mark)), outcome };
    },
  };
}
