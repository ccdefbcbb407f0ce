/** The images of a bottle: built, or held by the engine, before anything of it is started. */

import { BottleError } from '../errors.ts';
import { interrupted } from '../operate/index.ts';
import { AGENT_SERVICE, type ImagePlan } from '../plan/index.ts';
import {
  type AgentFacts,
  agentFacts,
  askedScanner,
  assertScanner,
  buildUserImage,
  ensureAgentImage,
  ensureSidecarImage,
  resolveReference,
} from './images/index.ts';
import type { DeployOptions, Environment, Scanner } from './options.ts';
import type { ReadyBottle } from './preflight/index.ts';
import { withCapabilities } from './with-capabilities.ts';

export interface BottleImage {
  /** As the engine is asked for it. */
  readonly reference: string;
  /** `sha256:…` */
  readonly id: string;
  /** Whether the override file has to name it. */
  readonly pinned: boolean;
}

export interface BottleImages {
  readonly agent: BottleImage;
  readonly sidecars: BottleImage;
  readonly scanner: Scanner | 'unknown';
  /** Of an agent that runs in an image of the user's own, or as another user than ours. */
  readonly facts?: AgentFacts;
}

export const SIDECAR_IMAGE_VARIABLE = 'CLAUDE_BOTTLE_SIDECAR_IMAGE';

type Context = Pick<DeployOptions, 'projectDir' | 'progress' | 'contextScanner' | 'signal'> & {
  readonly env: Environment;
};

async function userImage(
  image: Extract<ImagePlan, { kind: 'build' }>,
  service: string,
  { bottle }: ReadyBottle,
  { projectDir, env, progress, signal }: Context,
): Promise<BottleImage> {
  const { context, dockerfile, args } = image;
  const { tag, id } = await buildUserImage({
    projectDir,
    context,
    args,
    repository: `claude-bottle-user-${bottle.slug}-${service}`,
    env,
    progress,
    signal,
    ...(dockerfile === undefined ? {} : { dockerfile }),
  });
  return { reference: tag, id, pinned: true };
}

async function agentImage(ready: ReadyBottle, context: Context): Promise<BottleImage> {
  const { projectDir, env, progress, signal } = context;
  const image = ready.bottle.manifest.requires.images.agent;
  if (image.kind === 'build') return userImage(image, 'agent', ready, context);
  if (image.kind === 'reference') {
    const { reference, id } = await resolveReference({ reference: image.reference, env, progress, signal });
    return { reference, id, pinned: false };
  }
  const version = image.kind === 'claudeCode' ? image.version : undefined;
  const { tag, id } = await ensureAgentImage({
    projectDir,
    env,
    progress,
    signal,
    ...(version === undefined ? {} : { version }),
  });
  return { reference: tag, id, pinned: true };
}

async function sidecarImage(
  ready: ReadyBottle,
  context: Context,
): Promise<{ image: BottleImage; scanner: Scanner | 'unknown' }> {
  const { projectDir, env, progress, contextScanner, signal } = context;
  const wish = contextScanner === undefined ? {} : { context: contextScanner };
  const { images, scanner: engine } = ready.bottle.manifest.requires;
  const named = env[SIDECAR_IMAGE_VARIABLE]?.trim();
  const fromEnvironment = named !== undefined && named !== '';
  const image: ImagePlan = fromEnvironment ? { kind: 'reference', reference: named } : images.sidecars;
  if (image.kind === 'reference' || image.kind === 'build') {
    const held: BottleImage =
      image.kind === 'build'
        ? await userImage(image, 'sidecars', ready, context)
        : { reference: image.reference, id: '', pinned: fromEnvironment };
    const { id, scanner } = await resolveReference({ reference: held.reference, env, progress, signal });
    // The lock speaks of the image that deploy builds, not of this one.
    const asked = askedScanner({ definition: engine, ...wish, env, lock: { images: {} } });
    assertScanner({ reference: held.reference, id, ...(scanner === undefined ? {} : { scanner }) }, asked);
    return { image: { ...held, id }, scanner: scanner ?? 'unknown' };
  }
  const { tag, id, scanner } = await ensureSidecarImage({
    projectDir,
    engine,
    env,
    progress,
    signal,
    ...(contextScanner === undefined ? {} : { contextScanner }),
  });
  return { image: { reference: tag, id, pinned: true }, scanner };
}

/** Of our own image and its user everything is known. */
async function factsOf(
  { bottle, compose }: ReadyBottle,
  { reference, id }: BottleImage,
  { env, progress, signal }: Context,
): Promise<AgentFacts | undefined> {
  const { kind } = bottle.manifest.requires.images.agent;
  const { user, home, isIdle } = compose.agent;
  if ((kind === 'default' || kind === 'claudeCode') && user === undefined && home === undefined) return undefined;
  const facts = await progress.step('look at the image of the agent', () =>
    agentFacts({
      ...{ image: id, reference, env, signal },
      ...(user === undefined ? {} : { user }),
      ...(home === undefined ? {} : { home }),
    }),
  );
  if (isIdle && !facts.programs.has('sleep')) {
    throw new BottleError(
      'images/agent-without-sleep',
      `the image ${reference} has no sleep, by which the agent waits`,
      {
        fix: 'add it to the image, or give the agent a `command` that goes on',
      },
    );
  }
  return facts;
}

/**
 * Makes sure that the engine holds both images. No builder sees a credential of the bottle. An abort rejects once the
 * build under way has ended.
 */
export async function bottleImages(ready: ReadyBottle, options: DeployOptions): Promise<BottleImages> {
  const credentials = new Set(ready.bottle.manifest.requires.tokens.map(({ from }) => from));
  const env = Object.fromEntries(Object.entries(options.env).filter(([name]) => !credentials.has(name)));
  const context = { ...options, env };
  const { image, scanner } = await sidecarImage(ready, context);
  const agent = await withCapabilities(await agentImage(ready, context), ready.stateDir, context);
  if (options.signal?.aborted === true) throw interrupted();
  const facts = await factsOf(ready, agent, context);
  return { agent, sidecars: image, scanner, ...(facts === undefined ? {} : { facts }) };
}

/** What the override file has to name, for the services of a compose file. */
export function imagePins(
  { agent, sidecars }: BottleImages,
  services: readonly { readonly name: string }[],
): Readonly<Record<string, string>> {
  const pins = services.flatMap(({ name }) => {
    const image = name === AGENT_SERVICE ? agent : sidecars;
    return image.pinned ? [[name, image.reference] as const] : [];
  });
  return Object.fromEntries(pins);
}
