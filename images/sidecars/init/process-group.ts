/** A started daemon: a leader and every process of its group. */

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Death } from './exit-code.ts';
import { processEntries, processEntry } from './processes.ts';
import type { DaemonSpec } from './spec.ts';

const POLL_MS = 20;
/** After SIGKILL a process that is still there cannot be killed (a dead disk): the init goes on without it. */
const KILLED_WAIT_MS = 1_000;

export interface ProcessGroup {
  readonly pid: number;
  /** How the leader ended. */
  readonly exited: Promise<Death>;
  /** Resolves when the leader has ended and no live process of the group is left. */
  readonly gone: Promise<void>;
  /** Sends `signal` to all of the group; nothing once it is gone. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM now, SIGKILL after `graceMs`. A second call does nothing: the clock runs on. */
  stop(graceMs: number): void;
  readonly stopping: boolean;
  /** Looks whether the leader lives: a SIGCHLD that Node lost would otherwise leave its death unseen. */
  reconcile(): void;
}

/** True if /proc shows a member of the group that is not a zombie, or does not tell. */
function hasLiveMember(pgid: number): boolean {
  try {
    return processEntries().some(({ group, alive }) => group === pgid && alive);
  } catch {
    return true;
  }
}

/** Zombies do not count: where nothing reaps orphans they would keep a group for ever. */
function groupIsAlive(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return hasLiveMember(pgid);
}

/** Spawns the leader; `umask` is inherited at the fork, which happens inside this synchronous call. */
function spawnLeader(spec: DaemonSpec, stdout: number, stderr: number): ChildProcess {
  const [program, ...args] = spec.argv;
  const own = spec.umask === undefined ? undefined : process.umask(spec.umask);
  try {
    return spawn(program, args, {
      cwd: '/',
      detached: true,
      env: { ...spec.env },
      stdio: ['ignore', stdout, stderr],
      ...spec.identity,
    });
  } finally {
    if (own !== undefined) process.umask(own);
  }
}

/** Starts `spec`'s program as the leader of a new group. Rejects with Node's error if it cannot be started. */
export async function startGroup(spec: DaemonSpec, stdout: number, stderr: number): Promise<ProcessGroup> {
  const child = spawnLeader(spec, stdout, stderr);
  const sent = new Set<NodeJS.Signals>();
  let hasExited = false;
  const exited = new Promise<Death>((resolve) => {
    child.on('exit', (code, signal) => {
      hasExited = true;
      if (signal !== null) resolve({ kind: 'signal', signal, requested: sent.has(signal) });
      else resolve({ kind: 'exit', code: code ?? 1 });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  // A later error means that a signal could not be delivered; the poll below shows the consequence.
  child.on('error', () => {});
  const { pid } = child;
  if (pid === undefined) throw new Error('a started process has no pid');

  let isGone = false;
  let killedAt: number | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  let stopping = false;

  const signal = (name: NodeJS.Signals): void => {
    if (isGone) return;
    if (name === 'SIGTERM' || name === 'SIGKILL') sent.add(name);
    if (name === 'SIGKILL') killedAt ??= performance.now();
    try {
      process.kill(-pid, name);
    } catch {
      // The group ended meanwhile.
    }
  };

  const untilGone = async (): Promise<void> => {
    await exited;
    while (groupIsAlive(pid) && (killedAt === undefined || performance.now() - killedAt < KILLED_WAIT_MS)) {
      await sleep(POLL_MS);
    }
    isGone = true;
    clearTimeout(killTimer);
  };

  return {
    pid,
    exited,
    gone: untilGone(),
    signal,
    stop: (graceMs) => {
      if (stopping || isGone) return;
      stopping = true;
      signal('SIGTERM');
      killTimer = setTimeout(() => signal('SIGKILL'), graceMs);
    },
    get stopping() {
      return stopping;
    },
    reconcile: () => {
      // libuv asks after each of its children on any SIGCHLD, also on one that the init sends itself.
      if (!hasExited && processEntry(pid)?.alive !== true) process.kill(process.pid, 'SIGCHLD');
    },
  };
}
