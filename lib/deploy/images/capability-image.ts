/** The agent's image with what operators approved, built only if the content is new. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BottleError } from '../../errors.ts';
import {
  CAPABILITIES_FILE,
  type Capabilities,
  DockerfileProblem,
  PACKAGE_MANAGERS,
} from '../../operate/capabilities/index.ts';
import type { Progress } from '../progress.ts';
import { buildImage } from './build-image.ts';
import { capabilityDockerfile } from './capability-dockerfile.ts';
import { contentHash, contentTag } from './content.ts';
import { docker, type Environment, type ImageFacts, imageFacts } from './docker.ts';

export interface CapabilityImageOptions {
  /** The agent's image as its definition has it. */
  readonly base: { readonly reference: string; readonly id: string };
  readonly capabilities: Capabilities;
  readonly env: Environment;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface CapabilityImage {
  /** `claude-bottle-capability:<first 12 digits of the content hash>` */
  readonly tag: string;
  /** `sha256:…` */
  readonly id: string;
  readonly built: boolean;
}

const IMAGE_USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_.-]+)?$/;

async function userOf(id: string, env: Environment): Promise<string> {
  const { ok, stdout } = await docker(['image', 'inspect', '--format', '{{json .Config.User}}', id], { env });
  const user: unknown = ok ? JSON.parse(stdout) : undefined;
  if (typeof user === 'string' && (user === '' || IMAGE_USER.test(user))) return user;
  throw new BottleError('images/base-user', 'the user of the agent image is not one that a Dockerfile can name', {
    fix: `give the image a USER of letters and digits, or deploy with --reset, which forgets ${CAPABILITIES_FILE}`,
  });
}

/** A name for exactly this image: its own reference may move to another while we build. */
async function baseTag(id: string, env: Environment): Promise<string> {
  const tag = `claude-bottle-capability-base:${id.replace('sha256:', '').slice(0, 12)}`;
  const { ok, stderr } = await docker(['tag', id, tag], { env });
  if (ok) return tag;
  throw new BottleError('images/base-gone', 'the engine does not hold the agent image any more', {
    fix: 'deploy again',
    details: [stderr],
  });
}

function dockerfileOf(capabilities: Capabilities, base: string, user: string): string {
  try {
    return capabilityDockerfile(capabilities, base, user);
  } catch (cause) {
    if (!(cause instanceof DockerfileProblem)) throw cause;
    throw new BottleError('images/dockerfile-refused', `the approved Dockerfile is refused: ${cause.message}`, {
      fix: 'deploy with --reset, which forgets what was approved',
      cause,
    });
  }
}

function count({ packages, dockerfile }: Capabilities): string {
  const counts = PACKAGE_MANAGERS.map((manager) => [manager, packages[manager]?.length ?? 0] as const);
  return [
    ...counts.filter(([, number]) => number > 0).map(([manager, number]) => `${number} of ${manager}`),
    ...(dockerfile === undefined ? [] : ['a Dockerfile']),
  ].join(', ');
}

async function build(text: string, tag: string, options: CapabilityImageOptions, note: (text: string) => void) {
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-capability-'));
  try {
    // The Dockerfile lies beside the context, so that this is empty.
    const [context, dockerfile] = [join(scratch, 'context'), join(scratch, 'Dockerfile')];
    mkdirSync(context);
    writeFileSync(dockerfile, text);
    const { env, signal } = options;
    return await buildImage({
      what: 'agent image with approved capabilities',
      tag,
      context,
      dockerfile,
      args: {},
      extraCA: true,
      env,
      note,
      signal,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Makes sure that the engine holds `base` with what was approved. */
export async function ensureCapabilityImage(options: CapabilityImageOptions): Promise<CapabilityImage> {
  const { base, capabilities, env, progress } = options;
  return progress.step('agent image with approved capabilities', async (note) => {
    const user = await userOf(base.id, env);
    const from = await baseTag(base.id, env);
    const text = dockerfileOf(capabilities, from, user);
    const file = { path: 'Dockerfile', content: Buffer.from(text), executable: false };
    const tag = contentTag('claude-bottle-capability', contentHash([file], { base: base.id }));
    const present: ImageFacts | undefined = await imageFacts(tag, env);
    if (present !== undefined) {
      note(`${tag}, unchanged`);
      return { tag, id: present.id, built: false };
    }
    note(count(capabilities));
    const { id } = await build(text, tag, options, note);
    note(tag);
    return { tag, id, built: true };
  });
}
