/** Images that a definition brings: built from its own context, or a reference that must exist. */

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { BottleError } from '../../errors.ts';
import { LABEL, listed } from '../../plan/index.ts';
import { hostPath } from '../host-files/host-path.ts';
import { isWithin, realPath } from '../host-files/real-path.ts';
import type { Progress } from '../progress.ts';
import { buildImage } from './build-image.ts';
import { SCANNER_VARIABLE, type ScannerChoice } from './choose-scanner.ts';
import { contentTag } from './content.ts';
import { type Environment, imageFacts } from './docker.ts';
import { SCANNERS, type Scanner } from './lock.ts';
import { puller } from './registry.ts';
import { baseReferences, userContext } from './user-context.ts';

const MOST_NAMED = 8;

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
  /** The repository and the first 12 digits of the hash of what was built, so that it never moves under a live bottle. */
  readonly tag: string;
  readonly id: string;
}

const fileProblem = (context: string, dockerfile: string): BottleError | undefined => {
  const [at, file] = [realPath(context), realPath(dockerfile)];
  if (at === undefined || !statSync(at).isDirectory()) {
    return new BottleError('images/context-missing', `there is no directory ${context} to build from`, {
      fix: 'correct the context of Image.build',
    });
  }
  if (file === undefined || !statSync(file).isFile()) {
    return new BottleError('images/dockerfile-missing', `there is no Dockerfile at ${dockerfile}`, {
      fix: 'correct the context or the dockerfile of Image.build',
    });
  }
  if (isWithin(file, at)) return undefined;
  return new BottleError(
    'images/dockerfile-outside',
    `the Dockerfile ${dockerfile} leads out of its context, to ${file}`,
    {
      fix: 'put the Dockerfile itself into the context',
    },
  );
};

/** What decides over the result besides the context: arguments, and the images that it is made of, as far as they are held. */
async function buildInputs(dockerfile: string, args: UserImageOptions['args'], env: Environment) {
  const references = baseReferences(readFileSync(dockerfile, 'utf8'), args);
  const ids = await Promise.all(references.map(async (one) => [`from ${one}`, (await imageFacts(one, env))?.id ?? '']));
  const given = Object.entries(args).map(([name, value]) => [`arg ${name}`, value]);
  return Object.fromEntries([...ids, ...given]) as Readonly<Record<string, string>>;
}

/**
 * Builds a user's own image, unless the engine holds what the same context, arguments and bases made before: a base that
 * was pulled anew is another one.
 */
export async function buildUserImage(options: UserImageOptions): Promise<UserImage> {
  const { args, repository, env, progress, signal } = options;
  const context = hostPath(options.context, options);
  const dockerfile = resolve(context, options.dockerfile ?? 'Dockerfile');
  const problem = fileProblem(context, dockerfile);
  if (problem !== undefined) throw problem;
  const what = `image of ${options.context}`;
  return progress.step(what, async (note) => {
    const inputs = await buildInputs(dockerfile, args, env);
    const { hash, credentials } = userContext(context, dockerfile, inputs);
    const tag = contentTag(repository, hash);
    const held = await imageFacts(tag, env);
    if (held !== undefined) {
      note(`${tag}, unchanged`);
      return { tag, id: held.id };
    }
    if (credentials.length > 0) {
      const shown = listed(credentials.slice(0, MOST_NAMED)) + (credentials.length > MOST_NAMED ? ' and more' : '');
      progress.warn(
        `the build of ${options.context} can read what looks like credentials, and may leave them in the image: ${shown}; list them in its .dockerignore`,
      );
    }
    const { id } = await buildImage({ what, tag, context, dockerfile, args, extraCA: false, env, note, signal });
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
