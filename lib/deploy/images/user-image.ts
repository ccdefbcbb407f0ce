/** Images that a definition brings: built from its own context, or a reference that must exist. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BottleError } from '../../errors.ts';
import { LABEL } from '../../plan/index.ts';
import type { Progress } from '../progress.ts';
import { buildImage } from './build-image.ts';
import { SCANNER_VARIABLE, type ScannerChoice } from './choose-scanner.ts';
import { docker, type Environment, imageFacts } from './docker.ts';
import { SCANNERS, type Scanner } from './lock.ts';
import { puller } from './registry.ts';

export interface UserImageOptions {
  /** Relative paths start here. */
  readonly projectDir: string;
  readonly context: string;
  /** Relative to the context, as Dockerfile tools have it; `Dockerfile` unless given. */
  readonly dockerfile?: string;
  readonly args: Readonly<Record<string, string>>;
  /** Repository of the resulting tag, e.g. `claude-bottle-user-demo-agent`. */
  readonly repository: string;
  readonly env: Environment;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface UserImage {
  /** The repository and the first 12 digits of the image's id, so that it never moves under a live bottle. */
  readonly tag: string;
  readonly id: string;
}

/** Builds a user's own image. The engine's build cache decides what is new: only it knows a `.dockerignore`'s reach. */
export async function buildUserImage(options: UserImageOptions): Promise<UserImage> {
  const { projectDir, args, repository, env, progress, signal } = options;
  const context = resolve(projectDir, options.context);
  const dockerfile = resolve(context, options.dockerfile ?? 'Dockerfile');
  if (!existsSync(dockerfile)) {
    throw new BottleError('images/dockerfile-missing', `there is no Dockerfile at ${dockerfile}`, {
      fix: 'correct the context or the dockerfile of Image.build',
    });
  }
  return progress.step(`image of ${options.context}`, async (note) => {
    const moving = `${repository}:building-${process.pid}`;
    const what = `image of ${options.context}`;
    const { id } = await buildImage({
      what,
      tag: moving,
      context,
      dockerfile,
      args,
      extraCA: false,
      env,
      note,
      signal,
    });
    const tag = `${repository}:${id.replace('sha256:', '').slice(0, 12)}`;
    await docker(['tag', moving, tag], { env });
    await docker(['rmi', '--no-prune', moving], { env });
    note(tag);
    return { tag, id };
  });
}

export interface ReferenceImage {
  readonly reference: string;
  readonly id: string;
  /** What its label says stands in pipelock's slot; undefined for an image that is not a sidecar image. */
  readonly scanner?: Scanner;
}

export interface ReferenceOptions {
  readonly reference: string;
  readonly env: Environment;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** The image that a user's own reference names: held by the engine, or pulled. */
export async function resolveReference(options: ReferenceOptions): Promise<ReferenceImage> {
  const { reference, env, progress } = options;
  const held = await imageFacts(reference, env);
  const facts = held ?? (await progress.step(`pull ${reference}`, () => pulled(options)));
  const scanner = SCANNERS.find((name) => name === facts.labels[LABEL.scanner]);
  return { reference, id: facts.id, ...(scanner === undefined ? {} : { scanner }) };
}

async function pulled({ reference, env, signal }: ReferenceOptions) {
  const result = await puller(env, signal)(reference);
  const facts = result.outcome === 'pulled' ? await imageFacts(reference, env) : undefined;
  if (facts !== undefined) return facts;
  const reason = result.outcome === 'pulled' ? 'it was pulled, but the engine does not hold it' : result.reason;
  throw new BottleError('images/reference-unavailable', `the image ${reference} cannot be had: ${reason}`, {
    fix: 'correct the reference, log in to its registry, or load the image into the engine',
  });
}

const WHO: Readonly<Record<ScannerChoice['source'], string>> = {
  definition: 'the definition (engine)',
  context: '-c scanner',
  environment: SCANNER_VARIABLE,
  lock: 'the lock',
  'first build': 'the first build',
};

/** Fails where somebody asks for another scanner than a user's own sidecar image holds. */
export function assertScanner(image: ReferenceImage, asked: ScannerChoice | undefined): void {
  if (asked === undefined || image.scanner === asked.scanner) return;
  const holds = image.scanner === undefined ? 'does not say what it holds' : `holds ${image.scanner}`;
  throw new BottleError(
    'images/scanner-mismatch',
    `${WHO[asked.source]} asks for ${asked.scanner} in pipelock's slot, and the image ${image.reference} ${holds}`,
    { fix: `use an image whose label ${LABEL.scanner} is ${asked.scanner}, or ask for what it holds` },
  );
}
