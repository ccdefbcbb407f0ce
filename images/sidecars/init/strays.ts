/**
 * Processes that a daemon started and that left its process group (setsid, a double fork). Whoever is still there when
 * the group is gone is killed: it could hold the daemon's port, or act on what the daemon knew.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessEntry, processEntries, uidOf } from './processes.ts';
import type { Identity } from './spec.ts';

const POLL_MS = 10;
/** A process that SIGKILL has not ended by then hangs in the kernel: the init goes on without it. */
const SWEEP_MS = 1_000;
const REAPER = 'tini';

/** How the strays of one daemon are told from everything else. */
export interface Territory {
  /** The living ones. */
  strays(): readonly number[];
  /** Kills them in a single step, which a process that forks without end cannot outrun; absent: there is none. */
  readonly killAtOnce?: () => Promise<void>;
}

/** What runs under a uid that is the daemon's alone: nothing can leave it without a capability, and none has one. */
export function territoryOfUser(identity: Identity): Territory {
  return {
    strays: () =>
      processEntries()
        .filter(({ pid, alive }) => alive && uidOf(pid) === identity.uid)
        .map(({ pid }) => pid),
    // kill(2): -1 is every process that the caller may signal, but for PID 1 and the caller.
    killAtOnce: () =>
      new Promise((resolve) => {
        const child = spawn('/bin/sh', ['-c', 'kill -KILL -1'], { cwd: '/', env: {}, stdio: 'ignore', ...identity });
        child.on('error', () => resolve());
        child.on('exit', () => resolve());
      }),
  };
}

/** The processes below `reaper` of which neither they nor any ancestor up to it is `self`. */
export function strayEntries(entries: readonly ProcessEntry[], reaper: number, self: number): readonly ProcessEntry[] {
  const parentOf = new Map(entries.map(({ pid, parent }) => [pid, parent]));
  const isStray = (entry: ProcessEntry): boolean => {
    let pid = entry.pid;
    // Parents of a snapshot can be out of date: as many steps as there are processes are enough for any real chain.
    for (let step = 0; step < entries.length; step += 1) {
      const parent = parentOf.get(pid);
      if (pid === self || parent === undefined) return false;
      if (parent === reaper) return true;
      pid = parent;
    }
    return false;
  };
  return entries.filter((entry) => entry.alive && entry.pid !== reaper && isStray(entry));
}

/**
 * Where one daemon runs as the init's own user. An orphan becomes a child of the reaper that also started the init
 * (tini -s is a subreaper, wherever it stands), so what is below it and not below the init is the daemon's. What an
 * operator started with `docker exec` has its parent outside. Undefined without such a reaper.
 */
export function territoryBelowReaper(): Territory | undefined {
  const reaper = process.ppid;
  try {
    if (readFileSync(`/proc/${reaper}/comm`, 'latin1').trim() !== REAPER) return undefined;
  } catch {
    return undefined;
  }
  return { strays: () => strayEntries(processEntries(), reaper, process.pid).map(({ pid }) => pid) };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** Kills every stray; how many there were, and how many are left all the same. */
export async function sweep(territory: Territory): Promise<{ readonly found: number; readonly left: number }> {
  const found = new Set<number>();
  const killSeen = (): number => {
    const strays = territory.strays();
    for (const pid of strays) {
      found.add(pid);
      kill(pid);
    }
    return strays.length;
  };
  const deadline = performance.now() + SWEEP_MS;
  // First without a fork, for which a daemon that forks without end leaves no room.
  killSeen();
  await territory.killAtOnce?.();
  for (let left = killSeen(); ; left = killSeen()) {
    if (left === 0 || performance.now() > deadline) return { found: found.size, left };
    await sleep(POLL_MS);
  }
}
