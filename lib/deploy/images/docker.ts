/** The docker command line, as image builds use it. */

import { BottleError } from '../../errors.ts';
import { createDocker, dockerFailure, type Environment } from '../../operate/index.ts';

export type { Environment };

export interface DockerOptions {
  readonly env: Environment;
  /** Called with each line of either stream. */
  readonly onLine?: (line: string) => void;
  /** Ends the command early, plugins included; the call rejects with `interrupted` once all of it is gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface DockerResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Narrower than what {@link dockerFailure} takes for these: a build's own output may speak of connections. */
const NO_ENGINE =
  /permission denied while trying to connect|cannot connect to the docker daemon|is the docker daemon running|error during connect/i;

/** BuildKit with plain output; attestations would give each build of the same content another id. */
const BUILD_ENVIRONMENT = { DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };

/** All of `env`: credential helpers of registries read variables that we don't know of. */
const whole = (env: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** Runs `docker <args>` to its end; a command that fails is a result, a missing engine is an error. */
export async function docker(args: readonly string[], { env, onLine, signal }: DockerOptions): Promise<DockerResult> {
  const { stdout, stderr, exitCode } = await createDocker({ env }).attempt(args, {
    extraEnv: { ...whole(env), ...BUILD_ENVIRONMENT },
    // A build or a pull takes as long as it needs.
    timeoutMs: Number.POSITIVE_INFINITY,
    onLine,
    signal,
  });
  if (exitCode !== 0 && NO_ENGINE.test(stderr)) throw dockerFailure(args[0] ?? '', stderr, exitCode);
  return { ok: exitCode === 0, stdout, stderr };
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
    throw new BottleError('docker/engine-not-answering', 'the Docker engine does not say its version', {
      fix: 'check that the engine is well (docker info)',
      details: [stderr],
    });
  }
  return stdout.trim();
}
