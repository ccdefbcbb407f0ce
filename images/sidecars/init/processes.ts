/** What /proc says of the processes that live. */

import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** False for a zombie, which only waits to be reaped. */
  readonly alive: boolean;
}

/** The entry in the text of a /proc/<pid>/stat. */
export function entryIn(pid: number, stat: string): ProcessEntry {
  // proc_pid_stat(5): the name in brackets may hold anything, so count from the last one.
  const [state = 'X', parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, parent: Number(parent), group: Number(group), alive: !/^[ZX]/.test(state) };
}

/** The process `pid`; undefined if there is none. */
export function processEntry(pid: number): ProcessEntry | undefined {
  try {
    return entryIn(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Every process, zombies included. Throws where there is no /proc. */
export function processEntries(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => processEntry(Number(pid)) ?? []);
}

/** The real uid of `pid`; undefined if there is no such process. */
export function uidOf(pid: number): number | undefined {
  try {
    // Not the owner of the directory, which is root's for a process that may not be dumped.
    const uid = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return uid === undefined ? undefined : Number(uid);
  } catch {
    return undefined;
  }
}
