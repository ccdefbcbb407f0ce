/** Which Docker answers, and whether it is new enough. */

import { z } from 'zod';
import { BottleError } from '../../errors.ts';
import type { Docker } from './docker.ts';
import { dockerFailure } from './failure.ts';

/** Lowest versions (domain description, "Lowest versions"). */
const ENGINE_MIN = '20.10';
const COMPOSE_MIN = '2.20';

export interface DockerVersions {
  readonly engine: string;
  readonly compose: string;
}

const answer = z.object({
  Server: z.object({ Version: z.string(), Os: z.string().optional() }).nullish(),
});

/** Whether `version` (`20.10.24+dfsg1`, `v2.26.1-4`) is at least `minimum` (`20.10`). Unreadable means no. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version.trim()) ?? [];
  const [minMajor = 0, minMinor = 0] = minimum.split('.').map(Number);
  if (major === undefined || minor === undefined) return false;
  return Number(major) > minMajor || (Number(major) === minMajor && Number(minor) >= minMinor);
}

function parsed(text: string): z.infer<typeof answer> {
  try {
    return answer.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

async function engineProblem(docker: Docker): Promise<{ version: string } | BottleError> {
  const { stdout, stderr, exitCode } = await docker.attempt(['version', '--format', '{{json .}}']);
  const { Server: server } = parsed(stdout);
  if (exitCode !== 0 || server === undefined || server === null) {
    const said = stderr.trim() === '' ? 'Cannot connect to the Docker daemon' : stderr;
    return dockerFailure('version', said, exitCode);
  }
  if (server.Os !== undefined && server.Os !== 'linux') {
    return new BottleError('docker/not-linux', `the Docker engine runs ${server.Os} containers`, {
      fix: 'switch it to Linux containers',
    });
  }
  if (!isAtLeast(server.Version, ENGINE_MIN)) {
    return new BottleError('docker/engine-too-old', `Docker Engine ${server.Version} is too old`, {
      fix: `install Docker Engine ${ENGINE_MIN} or newer`,
    });
  }
  return { version: server.Version };
}

async function composeProblem(docker: Docker): Promise<{ version: string } | BottleError> {
  const { stdout, stderr, exitCode } = await docker.attempt(['compose', 'version', '--short']);
  const version = stdout.trim();
  if (exitCode !== 0 || !/\d/.test(version)) {
    return dockerFailure('compose', `${stderr}\n'compose' is not a docker command`, exitCode);
  }
  if (!isAtLeast(version, COMPOSE_MIN)) {
    return new BottleError('docker/compose-too-old', `Docker Compose ${version} is too old`, {
      fix: `install Docker Compose ${COMPOSE_MIN} or newer as a CLI plugin`,
    });
  }
  return { version };
}

/** The versions, or everything that is wrong with them. A missing CLI is the only problem reported then. */
export async function dockerVersions(docker: Docker): Promise<DockerVersions | readonly BottleError[]> {
  const [engine, compose] = await Promise.all([engineProblem(docker), composeProblem(docker)].map(asProblem));
  const problems = [engine, compose].filter((one) => one instanceof BottleError);
  const [first] = problems;
  if (first?.code === 'docker/cli-missing') return [first];
  if (engine === undefined || compose === undefined || engine instanceof BottleError || compose instanceof BottleError)
    return problems;
  return { engine: engine.version, compose: compose.version };
}

async function asProblem<T>(work: Promise<T>): Promise<T | BottleError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
}
