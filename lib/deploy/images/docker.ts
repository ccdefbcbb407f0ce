/** The docker command line, as image builds use it. */

import { execa } from 'execa';
import { BottleError } from '../../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface DockerOptions {
  readonly env: Environment;
  /** Called with each line of either stream. */
  readonly onLine?: (line: string) => void;
  /** Ends the command early. */
  readonly signal?: AbortSignal;
}

export interface DockerResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const NO_ENGINE = /cannot connect to the docker daemon|is the docker daemon running|error during connect/i;
const NO_PERMISSION = /permission denied while trying to connect/i;

/** BuildKit with plain output; attestations would give each build of the same content another id. */
const BUILD_ENVIRONMENT = { DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };

/** Runs `docker <args>` to its end; a command that fails is a result, a missing engine is an error. */
export async function docker(args: readonly string[], options: DockerOptions): Promise<DockerResult> {
  const { onLine, signal, env } = options;
  const eachLine = function* (line: unknown) {
    onLine?.(String(line));
    yield line;
  };
  const { failed, stdout, stderr, code } = await execa('docker', args, {
    env: { ...env, ...BUILD_ENVIRONMENT },
    extendEnv: false,
    reject: false,
    maxBuffer: 64_000_000,
    stdout: eachLine,
    stderr: eachLine,
    stdin: 'ignore',
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (code === 'ENOENT') {
    throw new BottleError('images/docker-missing', 'there is no docker command on PATH', {
      fix: 'install a Docker engine and its command line, or run `npm run demo`, which does on Debian and Ubuntu',
    });
  }
  if (failed && NO_PERMISSION.test(stderr)) {
    throw new BottleError('images/engine-forbidden', 'this user may not use the Docker engine', {
      fix: 'add the user to the group of the engine (usually `docker`) and log in again',
    });
  }
  if (failed && NO_ENGINE.test(stderr)) {
    throw new BottleError('images/engine-unreachable', 'no Docker engine answers', {
      fix: 'start the engine, or point DOCKER_HOST at one that runs',
    });
  }
  return { ok: !failed, stdout, stderr };
}

export interface ImageFacts {
  /** `sha256:…` of the image. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly architecture: string;
}

/** What the engine knows of `reference`, or undefined if it does not hold it. */
export async function imageFacts(reference: string, env: Environment): Promise<ImageFacts | undefined> {
  const format = '[{{json .Id}},{{json .Config.Labels}},{{json .Architecture}}]';
  const { ok, stdout } = await docker(['image', 'inspect', '--format', format, reference], { env });
  if (!ok) return undefined;
  const [id, labels, architecture] = JSON.parse(stdout) as [string, Record<string, string> | null, string];
  return { id, labels: labels ?? {}, architecture };
}

/** The engine's architecture, in Docker's words. */
export async function engineArchitecture(env: Environment): Promise<string> {
  const { ok, stdout, stderr } = await docker(['version', '--format', '{{.Server.Arch}}'], { env });
  if (!ok) {
    throw new BottleError('images/engine-unreachable', 'the Docker engine does not say its version', {
      details: [stderr],
    });
  }
  return stdout.trim();
}
