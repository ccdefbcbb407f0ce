/** From the name of a base to the exact image that a build starts from. */

import { BASES, type BaseName, isLocalBase } from '../../../images/bases/pins.ts';
import { BottleError } from '../../errors.ts';
import { type Architecture, localBaseTag } from './base-recipe.ts';
import { type Environment, imageFacts } from './docker.ts';
import type { Lock, LockedImage } from './lock.ts';
import { type Pull, repositoryOf } from './registry.ts';

export interface ResolvedBase {
  readonly name: BaseName;
  /** What goes into the build argument: a digest, or the tag of a local image. */
  readonly reference: string;
  /** Digest or image id: what the content hash sees. */
  readonly identity: string;
  readonly from: 'registry' | 'local';
  /** To be kept in the lock, for an image of a registry. */
  readonly locked?: LockedImage;
}

export interface ResolveOptions {
  readonly lock: Lock;
  readonly env: Environment;
  readonly architecture: Architecture;
  readonly pull: Pull;
}

/** Where `name` is to come from: the reference that the environment or the pins give. */
export function baseReference(name: BaseName, env: Environment): string {
  return env[BASES[name].variable] || BASES[name].reference;
}

function fromRegistry(name: BaseName, locked: LockedImage): ResolvedBase {
  const reference = `${repositoryOf(locked.reference)}@${locked.digest}`;
  return { name, reference, identity: locked.digest, from: 'registry', locked };
}

async function localImage(name: BaseName, tag: string, env: Environment): Promise<ResolvedBase | undefined> {
  const facts = await imageFacts(tag, env);
  return facts === undefined ? undefined : { name, reference: tag, identity: facts.id, from: 'local' };
}

/** The image that the user named, if the engine holds it, or else our stand-in. */
async function standIn(name: BaseName, { env, architecture }: ResolveOptions): Promise<ResolvedBase | undefined> {
  const named = env[BASES[name].variable];
  if (named) return localImage(name, named, env);
  return isLocalBase(name) ? localImage(name, localBaseTag(name, architecture), env) : undefined;
}

function unavailable(name: BaseName, reference: string, reason: string): BottleError {
  const mirror = `name it on a registry that answers in ${BASES[name].variable}`;
  const fix = isLocalBase(name)
    ? `run \`npm run demo\` in claude-bottle's repository once, which builds stand-ins from packages, or ${mirror}`
    : `${mirror}, or choose the built-in scanner yourself: -c scanner=builtin`;
  return new BottleError('images/base-unavailable', `the base image ${reference} cannot be had: ${reason}`, { fix });
}

/**
 * The base `name`: the digest in the lock, else what the registry answers, else an image of this machine.
 *
 * @throws BottleError where none can be had. A digest in the lock is never replaced by anything else.
 */
export async function resolveBase(name: BaseName, options: ResolveOptions): Promise<ResolvedBase> {
  const reference = baseReference(name, options.env);
  const locked = options.lock.images[name];
  if (locked !== undefined && locked.reference === reference) return fromRegistry(name, locked);
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
  if (digest !== undefined) return fromRegistry(name, { reference, digest });
  const result = await options.pull(reference);
  if (result.outcome === 'pulled') return fromRegistry(name, { reference, digest: result.digest });
  const local = await standIn(name, options);
  if (local === undefined) throw unavailable(name, reference, result.reason);
  return local;
}
