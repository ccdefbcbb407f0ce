/** The processes that a command of ours has started, as far as they stay in the group of the first. */

import { setTimeout as sleep } from 'node:timers/promises';

/** What a process that was told to end may take for it. */
const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 20;
/** After SIGKILL: what is left then are dead processes that nobody has reaped. */
const REAPED_MS = 500;

/** Whether `name` reached a process of the group; 0 only asks whether there is one. */
function signalled(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, name);
    return true;
  } catch {
    return false;
  }
}

async function isGoneWithin(group: number, milliseconds: number): Promise<boolean> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await sleep(LOOK_EVERY_MS)) {
    if (!signalled(group, 0)) return true;
  }
  return !signalled(group, 0);
}

/** Ends every process of the group, those that ignore SIGTERM after a grace. Never rejects. */
export async function endGroup(group: number): Promise<void> {
  signalled(group, 'SIGTERM');
  if (await isGoneWithin(group, GRACE_MS)) return;
  signalled(group, 'SIGKILL');
  await isGoneWithin(group, REAPED_MS);
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
