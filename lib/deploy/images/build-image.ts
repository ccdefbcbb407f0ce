/** One `docker build`: arguments, the extra CA, progress, and an error that a person can act on. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BottleError } from '../../errors.ts';
import { type ContextFile, writeContext } from './content.ts';
import { docker, type Environment, type ImageFacts, imageFacts } from './docker.ts';
import { extraCaArguments } from './extra-ca.ts';

export interface BuildOptions {
  /** What the image is, for messages: `sidecar image`. */
  readonly what: string;
  readonly tag: string;
  /** A folder of the host, or files to make one of. */
  readonly context: string | readonly ContextFile[];
  /** Path of the Dockerfile; the context's own unless given. */
  readonly dockerfile?: string;
  readonly args: Readonly<Record<string, string>>;
  /** Whether the build may read the extra build CA; a user's own Dockerfile may not. */
  readonly extraCA: boolean;
  readonly env: Environment;
  readonly note: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Lines of a failed build to show. */
const TAIL = 30;

/** `#12 [build 3/3] RUN apt-get …` → `[build 3/3] RUN apt-get …` */
export function stepOf(line: string): string | undefined {
  const step = /^#\d+ (\[[^\]]+\] .+)$/.exec(line)?.[1];
  return step === undefined || step.startsWith('[internal]') ? undefined : step.slice(0, 100);
}

interface Failure {
  readonly pattern: RegExp;
  readonly code: string;
  readonly text: (what: string) => string;
  readonly fix: string;
}

/** The first that fits. */
const FAILURES: readonly Failure[] = [
  {
    pattern: /buildx component is missing|unknown builder|requires buildkit/i,
    code: 'images/buildkit-missing',
    text: () => 'this Docker command line cannot build with BuildKit',
    fix: 'install the buildx plugin (Debian: docker-buildx, elsewhere docker-buildx-plugin)',
  },
  {
    pattern: /no space left on device/i,
    code: 'images/disk-full',
    text: (what) => `the disk is full: the ${what} cannot be built`,
    fix: 'free some of it: docker system df shows what images and the build cache take',
  },
  {
    pattern: /dockerfile parse error|unknown instruction|dockerfile syntax error/i,
    code: 'images/dockerfile-invalid',
    text: (what) => `the Dockerfile of the ${what} cannot be read`,
    fix: 'mend the line that is named below',
  },
  {
    pattern: /resolve image config for docker\.io\/docker\/dockerfile|docker\/dockerfile[^\s]*: (?:failed|not found)/i,
    code: 'images/frontend-unreachable',
    text: (what) => `the Dockerfile of the ${what} asks a registry for its syntax, and that cannot be fetched`,
    fix: 'remove the `# syntax` line, or reach the registry',
  },
  {
    pattern: /failed to (?:compute cache key|calculate checksum of ref)|failed to walk .*no such file/i,
    code: 'images/build-input-missing',
    text: (what) => `the build of the ${what} copies a file that is not in its context`,
    fix: 'correct the path, which starts at the context, or the .dockerignore that leaves it out',
  },
];

const BASE_UNREACHABLE =
  /failed to resolve source metadata|failed to do request|pull access denied|failed to authorize/i;

function failure({ what, extraCA }: BuildOptions, stderr: string): BottleError {
  const details = stderr.trim().split('\n').slice(-TAIL);
  const known = FAILURES.find(({ pattern }) => pattern.test(stderr));
  if (known !== undefined) return new BottleError(known.code, known.text(what), { fix: known.fix, details });
  // A user's own build gets no extra CA, and nothing of the lock's.
  if (BASE_UNREACHABLE.test(stderr)) {
    return new BottleError('images/base-unreachable', `a base image of the ${what} cannot be fetched`, {
      fix: extraCA
        ? 'the lock names its digest, so nothing else may stand in: reach the registry, or remove its entry from the lock'
        : 'correct the reference, log in to its registry, or load the image into the engine',
      details,
    });
  }
  return new BottleError('images/build-failed', `the build of the ${what} failed`, {
    fix: extraCA
      ? 'read the last lines of the build; behind a TLS-inspecting network, name its CA in NODE_EXTRA_CA_CERTS'
      : 'read the last lines of the build; behind a TLS-inspecting network, copy its CA into the image',
    details,
  });
}

/** Builds and returns what the engine then holds under `tag`. */
export async function buildImage(options: BuildOptions): Promise<ImageFacts> {
  const { what, tag, context, args, env, note, signal } = options;
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-build-'));
  try {
    const folder = typeof context === 'string' ? context : join(scratch, 'context');
    if (typeof context !== 'string') writeContext(context, folder);
    const argv = [
      'build',
      ...['--tag', tag],
      ...(options.dockerfile === undefined ? [] : ['--file', options.dockerfile]),
      ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
      ...(options.extraCA ? extraCaArguments(env, join(scratch, 'extra-ca.pem')) : []),
      folder,
    ];
    const onLine = (line: string) => {
      const step = stepOf(line);
      if (step !== undefined) note(step);
    };
    const { ok, stderr } = await docker(argv, { env, onLine, signal });
    if (!ok) throw failure(options, stderr);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const facts = await imageFacts(tag, env);
  if (facts === undefined) {
    throw new BottleError('images/build-not-loaded', `the ${what} was built, but the engine does not hold it`, {
      fix: 'the selected buildx builder keeps its results to itself: choose one with the docker driver, `docker buildx use default`',
    });
  }
  return facts;
}
