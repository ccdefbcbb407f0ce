/** The processes that a command of ours has started, as far as they stay in the group of the first. */

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a process that was told to end may take for it. */
const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 50;
/** After SIGKILL, which nothing ignores. */
const KILLED_MS = 500;

/** Whether `name` reached a process of the group; 0 only asks whether there is one. */
function signalled(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, name);
    return true;
  } catch {
    return false;
  }
}

/** State and group of a process by its `/proc/<pid>/stat` (proc(5), fields 3 and 5). */
function standing(pid: string): { readonly state: string | undefined; readonly group: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group) };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** Whether anything of the group runs. What is dead and not yet reaped counts for `kill`, so Linux is asked for more. */
function runs(group: number): boolean {
  if (!signalled(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  try {
    const members = readdirSync('/proc').flatMap((name) => (/^\d/.test(name) ? (standing(name) ?? []) : []));
    return members.some((one) => one.group === group && one.state !== 'Z' && one.state !== 'X');
  } catch {
    return true;
  }
}

async function isGoneWithin(group: number, milliseconds: number): Promise<boolean> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await sleep(LOOK_EVERY_MS)) {
    if (!runs(group)) return true;
  }
  return !runs(group);
}

/** Ends every process of the group, those that ignore SIGTERM after a grace; whether there were such. Never rejects. */
export async function endGroup(group: number): Promise<'ended' | 'killed'> {
  signalled(group, 'SIGTERM');
  if (await isGoneWithin(group, GRACE_MS)) return 'ended';
  signalled(group, 'SIGKILL');
  await isGoneWithin(group, KILLED_MS);
  return 'killed';
}

/** Signals that a terminal sends to its foreground group, in which this group is not. Others end as interruptions. */
const OF_THE_TERMINAL = ['SIGHUP', 'SIGQUIT'] as const;

/** Lets the group end at once wherever this process ends before it; the function returned takes that back. */
export function endGroupWithUs(group: number): () => void {
  const kill = (): void => {
    signalled(group, 'SIGKILL');
  };
  const pass = (name: NodeJS.Signals): void => {
    kill();
    release();
    process.kill(process.pid, name);
  };
  const release = (): void => {
    process.off('exit', kill);
    for (const name of OF_THE_TERMINAL) process.off(name, pass);
  };
  process.on('exit', kill);
  for (const name of OF_THE_TERMINAL) process.on(name, pass);
  return release;
}
