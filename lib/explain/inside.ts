/** Requests that go through no proxy: the names that the agent's NO_PROXY lists. */

import { SUPERVISE_MCP_URL } from '../plan/index.ts';
import type { SentRequest } from './sent-request.ts';
import type { BottlePolicy, Explanation } from './types.ts';

type Inside = Omit<Explanation, 'slug' | 'policy' | 'question' | 'notes' | 'judged'>;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const local = (by: Explanation['by'], reason: string): Inside => ({
  verdict: 'local',
  by,
  rule: 'no-proxy',
  reason,
  scanned: [],
  provided: [],
  near: [],
});

/** The verdict on a request that no proxy sees, or undefined. */
export function insideTheBottle(policy: BottlePolicy, { url }: SentRequest): Inside | undefined {
  const host = url.host.toLowerCase();
  if (LOOPBACK.includes(host)) return local('agent', 'it stays in the agent’s own container; no proxy is asked');
  if (policy.hasSupervise && host === 'supervise') {
    return local('supervise', `it goes straight to supervise, which serves ${SUPERVISE_MCP_URL} and nothing else`);
  }
  if (policy.gitGate !== undefined && host === 'git-gate') {
    return local('git-gate', 'it goes straight to git-gate, which speaks git:// and no HTTP');
  }
  return undefined;
}
