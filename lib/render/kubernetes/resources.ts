/** Requests and limits: what the scheduler keeps free, and what the kernel ends a container for. */

import type { Daemon, ResourcesPlan } from '../../plan/index.ts';
import { bytesOf, bytesQuantity, cpuQuantity, mebibytes } from './quantities.ts';

interface Needs {
  /** MiB at work; idle, a daemon and its init take 70 to 130. */
  readonly memory: number;
  readonly cpus: number;
  /** MiB of logs and of directories on the node's disk, at most. */
  readonly disk: number;
}

const NEEDS: Readonly<Record<Daemon | 'agent', Needs>> = {
  egress: { memory: 192, cpus: 0.05, disk: 512 },
  pipelock: { memory: 128, cpus: 0.05, disk: 512 },
  'git-gate': { memory: 128, cpus: 0.05, disk: 512 },
  supervise: { memory: 128, cpus: 0.02, disk: 512 },
  agent: { memory: 512, cpus: 0.25, disk: 4_096 },
};

const DISK_REQUEST = mebibytes(64);

/** What the definition limits is the limit; a limit on processors only where the definition has one, as in compose. */
export function containerResources(owner: Daemon | 'agent', { memory, cpus }: ResourcesPlan): object {
  const needs = NEEDS[owner];
  const limit = bytesOf(memory);
  return {
    requests: {
      cpu: cpuQuantity(Math.min(needs.cpus, cpus ?? needs.cpus)),
      memory: bytesQuantity(Math.min(mebibytes(needs.memory), limit)),
      'ephemeral-storage': bytesQuantity(DISK_REQUEST),
    },
    limits: {
      ...(cpus === undefined ? {} : { cpu: cpuQuantity(cpus) }),
      memory: bytesQuantity(limit),
      'ephemeral-storage': bytesQuantity(mebibytes(needs.disk)),
    },
  };
}

/** For a container that writes one small file and ends. */
export function stepResources(): object {
  const amounts = { cpu: cpuQuantity(0.02), memory: bytesQuantity(mebibytes(32)) };
  return { requests: amounts, limits: { memory: amounts.memory } };
}
