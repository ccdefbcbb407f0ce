/** Docker's failures, told as ours: what is wrong and what to do about it. */

import { BottleError } from '../../errors.ts';

interface Cause {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** In order: the first that matches the error output decides. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /permission denied while trying to connect|connect: permission denied/i,
    code: 'docker/permission-denied',
    message: 'this user may not talk to the Docker engine',
    fix: 'add the user to the group "docker" and log in again, or point DOCKER_HOST at an engine that it may use',
  },
  {
    pattern: /cannot connect to the docker daemon|is the docker daemon running|error during connect|dial unix/i,
    code: 'docker/engine-not-answering',
    message: 'the Docker engine does not answer',
    fix: 'start it (systemctl start docker, or Docker Desktop), and check DOCKER_HOST and the Docker context',
  },
  {
    pattern:
      /'compose' is not a docker command|unknown (docker )?command: "?(docker )?compose|unknown shorthand flag: 'p'/i,
    code: 'docker/compose-missing',
    message: 'the Docker CLI has no compose plugin',
    fix: 'install Docker Compose 2.20 or newer as a CLI plugin (package docker-compose-plugin)',
  },
  {
    pattern: /no space left on device/i,
    code: 'docker/disk-full',
    message: "the engine's disk is full",
    fix: 'free space, e.g. with docker system df and docker system prune, and try again',
  },
  {
    pattern: /address already in use|port is already allocated/i,
    code: 'docker/address-in-use',
    message: 'a port or address that the bottle needs is taken',
    fix: 'stop what uses it, or declare another',
  },
  {
    pattern: /could not find an available.*address pool|all predefined address pools have been fully subnetted/i,
    code: 'docker/no-free-subnet',
    message: 'the engine has no free subnet for another network',
    fix: 'remove unused networks (docker network prune), or widen default-address-pools in its daemon.json',
  },
  {
    pattern: /pool overlaps with other one/i,
    code: 'docker/subnet-taken',
    message: 'the subnet of the egress network overlaps with an existing network',
    fix: 'declare another with egressNetwork: Network.managed({ subnet })',
  },
  {
    pattern: /has active endpoints/i,
    code: 'docker/network-in-use',
    message: 'another container is still connected to the network',
    fix: 'remove that container or disconnect it (docker network disconnect), and run the command again',
  },
  {
    pattern: /unknown or invalid runtime name|unknown runtime specified/i,
    code: 'docker/runtime-unknown',
    message: "the engine does not know the agent's container runtime",
    fix: "install it and name it in the engine's daemon.json, or leave agent.runtime out",
  },
  {
    pattern: /no such host|TLS handshake timeout|i\/o timeout|connection refused|server misbehaving/i,
    code: 'docker/registry-not-answering',
    message: 'no container registry answers',
    fix: 'check the network, or load the image by hand (docker load)',
  },
  {
    pattern: /pull access denied|manifest unknown|manifest for .* not found|repository does not exist|unauthorized/i,
    code: 'docker/image-not-found',
    message: 'the image does not exist, or this user may not pull it',
    fix: 'check the reference, and log in with docker login if it is private',
  },
  {
    pattern: /no such image/i,
    code: 'docker/image-not-found',
    message: 'the image is not on this engine',
    fix: 'pull or build it first',
  },
  {
    pattern: /bind source path does not exist|invalid mount config for type "bind"/i,
    code: 'docker/bind-source-missing',
    message: 'a directory that the bottle mounts does not exist on the machine of the engine',
    fix: 'create it; with a remote engine, bind mounts name paths of that machine',
  },
];

const LINES_SHOWN = 6;

/** The last lines of an error output that say something. */
const lastLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '')
    .slice(-LINES_SHOWN);

/**
 * The failure of `docker <words>`, judged by its error output, from which `redact` has taken the secrets. Never
 * carries the process's environment or arguments beyond the command's name.
 */
export function dockerFailure(what: string, stderr: string, exitCode: number | undefined): BottleError {
  const cause = CAUSES.find(({ pattern }) => pattern.test(stderr));
  const details = lastLines(stderr);
  if (cause === undefined) {
    const end = exitCode === undefined ? 'was ended by a signal' : `failed with exit code ${exitCode}`;
    return new BottleError('docker/failed', `docker ${what} ${end}`, { details });
  }
  return new BottleError(cause.code, `docker ${what} failed: ${cause.message}`, { fix: cause.fix, details });
}

export const dockerMissing = (): BottleError =>
  new BottleError('docker/cli-missing', 'there is no docker command on PATH', {
    fix: 'install the Docker CLI and Docker Compose 2.20 or newer: https://docs.docker.com/engine/install/',
  });
