/** What became of the workspace that the agent's entrypoint makes, or finds. */

import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_GUARD, WORKSPACE_STATUS_FILE } from '../plan/index.ts';
import type { Docker } from './docker/index.ts';

export interface WorkspaceReport {
  /**
   * `unwritable`: it is a directory of the host that the agent's user may not write. `unknown`: the entrypoint has said
   * nothing, or something else than it says.
   */
  readonly state: 'ready' | 'cloning' | 'copying' | 'failed' | 'unwritable' | 'unknown';
  /** Last words of what failed, printable ASCII only; empty otherwise. */
  readonly detail: string;
}

const STATES = ['ready', 'cloning', 'copying', 'failed', 'unwritable'] as const;
const WITH_DETAIL: readonly WorkspaceReport['state'][] = ['failed', 'unwritable'];
const UNDER_WAY: readonly WorkspaceReport['state'][] = ['cloning', 'copying', 'unknown'];
const MAX_BYTES = 2_000;
const POLL_MS = 250;

/** `text` of the status file. The agent can write that file, so nothing but printable characters is passed on. */
export function parseWorkspaceStatus(text: string): WorkspaceReport {
  const [first = '', ...rest] = text.slice(0, MAX_BYTES).split('\n');
  const state = STATES.find((name) => name === first.trim()) ?? 'unknown';
  const detail = WITH_DETAIL.includes(state)
    ? rest
        .join(' ')
        .replace(/[^\x20-\x7e]/g, '')
        .trim()
    : '';
  return { state, detail };
}

/** Seconds and milliseconds in which the file must be read: the agent may have put a pipe in its place. */
const READ_SECONDS = 2;
const READ_MS = 5_000;

/** `timeout` ends the read inside the container too, where the agent's image has it. */
const READ = `limit=$(command -v timeout) && exec "$limit" ${READ_SECONDS} head -c ${MAX_BYTES} "$0"; exec head -c ${MAX_BYTES} "$0"`;

/** The report as it is now. What the agent does to its own container is never an error of ours. */
async function currentReport(docker: Docker, container: string): Promise<WorkspaceReport> {
  try {
    const args = ['exec', container, 'sh', '-c', READ, WORKSPACE_STATUS_FILE];
    return parseWorkspaceStatus((await docker.attempt(args, { timeoutMs: READ_MS })).stdout);
  } catch {
    return { state: 'unknown', detail: '' };
  }
}

/** What `guard.sh` says with this exit code is a reason. */
const REFUSED = 78;
const GUARD_MS = 20_000;

/**
 * Why a protected path of the workspace is not protected in the running container; undefined if all are. The kernel
 * takes a mount away when the host itself removes or replaces what it was on.
 */
export async function unprotected(docker: Docker, container: string): Promise<string | undefined> {
  const args = ['exec', container, '/bin/sh', AGENT_GUARD];
  const { stderr, exitCode } = await docker.attempt(args, { timeoutMs: GUARD_MS });
  if (exitCode === 0) return undefined;
  const said = stderr
    .slice(0, MAX_BYTES)
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/^claude-bottle: /, '');
  return exitCode === REFUSED ? said : 'the agent does not show whether the protected paths are mounted';
}

/** Asks the agent's container, again while it still clones or copies, for at most about `waitSeconds`. Never rejects. */
export async function workspaceReport(
  docker: Docker,
  container: string,
  waitSeconds: number,
): Promise<WorkspaceReport> {
  for (const end = Date.now() + waitSeconds * 1000; ; await sleep(POLL_MS)) {
    const report = await currentReport(docker, container);
    if (!UNDER_WAY.includes(report.state) || Date.now() >= end) return report;
  }
}
