/** Numbers: resources, sizes, deadlines. */

import { type BottlePlan, DEADLINE_SECONDS, quoted, type ResourcesPlan } from '../plan/index.ts';
import { mountBreach, mountsOf } from './mounts.ts';
import type { Rule } from './rule.ts';

const MIB = 1024 ** 2;
/**
 * Most of one body that may be asked for. A response streams through pipelock's own scanner; a request body is held
 * whole, and all of them together have 64 MiB there (images/sidecars/scanner), so one may take half of that.
 */
const LARGEST_BODY = { maxResponseBytes: 1024 * MIB, maxBodyBytes: 32 * MIB } as const;

const UNIT: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  kb: 1024,
  m: MIB,
  mb: MIB,
  g: 1024 ** 3,
  gb: 1024 ** 3,
};

/** A byte value (compose specification, "Specifying byte values") in bytes, or undefined. */
export function bytesOf(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,15})(b|k|kb|m|mb|g|gb)$/.exec(text) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * (UNIT[unit] ?? Number.NaN);
}

interface Limits {
  readonly service: string;
  readonly path: string;
  readonly resources: ResourcesPlan;
  /** Below these the service does not start, or its daemons are killed under load. */
  readonly memory: number;
  readonly pids: number;
}

const limitsOf = ({ agent, sidecars }: BottlePlan): readonly Limits[] => [
  { service: 'the agent', path: agent.path, resources: agent.resources, memory: 64 * MIB, pids: 32 },
  { service: 'the bundle', path: sidecars.path, resources: sidecars.resources, memory: 256 * MIB, pids: 64 },
];

const whole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

export const LIMIT_RULES: readonly Rule[] = [
  {
    id: 'bottles::limit-memory',
    severity: 'error',
    what: 'a memory limit that is malformed or too small to run',
    why: 'the kernel would kill the daemons, or the engine refuse the value',
    fix: "write bytes with a unit, e.g. '4g'",
    *check(bottle) {
      for (const { service, path, resources, memory } of limitsOf(bottle)) {
        const bytes = bytesOf(resources.memory);
        if (bytes !== undefined && bytes >= memory && bytes <= 2 ** 50) continue;
        yield {
          path,
          part: resources,
          message: `memory ${quoted(resources.memory)} of ${service}; allowed: a whole number with b, k, m or g, at least ${memory / MIB}m`,
        };
      }
    },
  },
  {
    id: 'bottles::limit-cpus',
    severity: 'error',
    what: 'a number of processors that is not above 0',
    why: 'the engine reads 0 as no limit',
    fix: 'write e.g. 1.5, or leave `cpus` out',
    *check(bottle) {
      for (const { service, path, resources } of limitsOf(bottle)) {
        const { cpus } = resources;
        if (cpus === undefined || (cpus >= 0.01 && cpus <= 1024)) continue;
        yield { path, part: resources, message: `cpus ${cpus} of ${service}; allowed: 0.01 to 1024` };
      }
    },
  },
  {
    id: 'bottles::limit-pids',
    severity: 'error',
    what: 'a limit of processes that is no limit, or too small to run',
    why: 'the engine reads 0 and below as no limit, and an agent could then starve the machine',
    fix: 'write e.g. 1024',
    *check(bottle) {
      for (const { service, path, resources, pids } of limitsOf(bottle)) {
        if (whole(resources.pids, pids, 4_194_304)) continue;
        yield {
          path,
          part: resources,
          message: `pids ${resources.pids} of ${service}; allowed: whole numbers from ${pids} to 4194304`,
        };
      }
    },
  },
  {
    id: 'bottles::limit-bodies',
    severity: 'error',
    what: 'a size of bodies that pipelock cannot hold',
    why: 'it buffers an intercepted body whole, within the memory of the bundle',
    fix: 'use `tlsPassthrough` for hosts of large downloads',
    *check({ sidecars: { pipelock } }) {
      for (const name of ['maxResponseBytes', 'maxBodyBytes'] as const) {
        if (whole(pipelock[name], 1024, LARGEST_BODY[name])) continue;
        yield {
          path: pipelock.path,
          part: pipelock,
          message: `\`${name}\` ${pipelock[name]}; allowed: whole numbers of bytes from 1024 to ${LARGEST_BODY[name]}`,
        };
      }
    },
  },
  {
    id: 'bottles::limit-bodies-memory',
    severity: 'warning',
    what: 'bodies that may fill more than half of the memory of the bundle',
    why: 'pipelock buffers an intercepted body whole, so that one answer could end the daemons that contain the agent',
    fix: 'raise `resources.memory` of `sidecars`, or use `tlsPassthrough` for hosts of large downloads',
    *check({ sidecars: { pipelock, resources } }) {
      const bodies = pipelock.maxResponseBytes + pipelock.maxBodyBytes;
      const memory = bytesOf(resources.memory);
      if (memory === undefined || bodies <= memory / 2) return;
      yield {
        path: pipelock.path,
        part: pipelock,
        message: `\`maxResponseBytes\` and \`maxBodyBytes\` are ${Math.ceil(bodies / MIB)} MiB together, and the bundle has ${quoted(resources.memory)}`,
      };
    },
  },
  {
    id: 'bottles::limit-deadline',
    severity: 'error',
    what: 'a deadline of supervise outside 10 seconds to a day',
    why: 'a person has to have time to answer, and a call must end',
    fix: 'write seconds, e.g. 600',
    *check({ sidecars: { supervise } }) {
      if (supervise === undefined || whole(supervise.deadlineSeconds, DEADLINE_SECONDS.least, DEADLINE_SECONDS.most))
        return;
      yield {
        path: supervise.path,
        part: supervise,
        message: `\`deadlineSeconds\` ${supervise.deadlineSeconds}; allowed: whole numbers from ${DEADLINE_SECONDS.least} to ${DEADLINE_SECONDS.most}`,
      };
    },
  },
  {
    id: 'bottles::limit-tmpfs',
    severity: 'error',
    what: 'a size of a tmpfs that is malformed or zero',
    why: 'the engine reads 0 as half of the machine’s memory',
    fix: "write bytes with a unit, e.g. '64m'",
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        const { mount } = declared;
        if (mount.kind !== 'tmpfs' || mount.size === undefined || (bytesOf(mount.size) ?? 0) >= 4096) continue;
        yield mountBreach(
          declared,
          `size ${quoted(mount.size)} of the tmpfs at ${quoted(mount.target)}; allowed: a whole number with b, k, m or g, at least 4k`,
        );
      }
    },
  },
  {
    id: 'bottles::limit-tmpfs-memory',
    severity: 'warning',
    what: 'a tmpfs that may take all memory of its container',
    why: 'what lies in it counts as memory of the container: filling it ends the processes there',
    fix: 'make it smaller, or mount a volume',
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        const { mount, service } = declared;
        const { memory } = service === 'the agent' ? bottle.agent.resources : bottle.sidecars.resources;
        const size = mount.kind === 'tmpfs' && mount.size !== undefined ? bytesOf(mount.size) : undefined;
        if (mount.kind !== 'tmpfs' || size === undefined || size < (bytesOf(memory) ?? Number.POSITIVE_INFINITY))
          continue;
        yield mountBreach(
          declared,
          `size ${quoted(mount.size ?? '')} of the tmpfs at ${quoted(mount.target)}, and ${service} has ${quoted(memory)}`,
        );
      }
    },
  },
];
