/** What became of the clone that the agent's entrypoint makes. */

import { setTimeout as sleep } from 'node:timers/promises';
import { WORKSPACE_STATUS_FILE } from '../plan/index.ts';
import type { Docker } from './docker/index.ts';

export interface WorkspaceReport {
  /** `unknown`: the entrypoint has said nothing, or something else than it says. */
  readonly state: 'ready' | 'cloning' | 'failed' | 'unknown';
  /** git's last words after a failure, printable ASCII only; empty otherwise. */
  readonly detail: string;
}

const STATES = ['ready', 'cloning', 'failed'] as const;
const MAX_BYTES = 2_000;
const POLL_MS = 250;

/** `text` of the status file. The agent can write that file, so nothing but printable characters is passed on. */
export function parseWorkspaceStatus(text: string): WorkspaceReport {
  const [first = '', ...rest] = text.slice(0, MAX_BYTES).split('\n');
  const state = STATES.find((name) => name === first.trim()) ?? 'unknown';
  const detail =
    state === 'failed'
      ? rest
          .join(' ')
          .replace(/[^\x20-\x7e]/g, '')
          .trim()
      : '';
  return { state, detail };
}

/** Asks the agent's container, again while it still clones, for at most `waitSeconds`. */
export async function workspaceReport(
  docker: Docker,
  container: string,
  waitSeconds: number,
): Promise<WorkspaceReport> {
  for (const end = Date.now() + waitSeconds * 1000; ; await sleep(POLL_MS)) {
    const args = ['exec', container, 'head', '-c', String(MAX_BYTES), WORKSPACE_STATUS_FILE];
    const report = parseWorkspaceStatus((await docker.attempt(args, { timeoutMs: 10_000 })).stdout);
    const settled = report.state === 'ready' || report.state === 'failed';
    if (settled || Date.now() >= end) return report;
  }
}
