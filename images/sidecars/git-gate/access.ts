/** git daemon's access hook: who may do what, and never from a stale mirror. */

import { mirrorPath, readConfig, remoteOfMirror } from './config.ts';
import { lockMirror } from './lock.ts';
import { logEvent, printable } from './say.ts';
import { synchronize } from './upstream.ts';
import { UpstreamError } from './upstream-failure.ts';

/**
 * Undefined if `service` may go on with the repository at `path`, else the line for the client. Before a fetch the
 * mirror is brought up to date. Before a push it is not: what is pushed is scanned before the upstream hears of it,
 * and the push is held against the upstream's refs after that.
 */
export async function accessRefusal(service: string, path: string): Promise<string | undefined> {
  const started = Date.now();
  const config = readConfig();
  const remote = remoteOfMirror(config, path);
  if (remote === undefined) return 'no such repository';
  if (service === 'receive-pack') return remote.access === 'push' ? undefined : `${remote.name} is read-only`;
  if (service !== 'upload-pack') return `${printable(service, 40)} is not offered`;
  try {
    await lockMirror(remote.name);
    await synchronize(remote, mirrorPath(remote.name));
    logEvent({ event: 'fetch', remote: remote.name, ok: true, ms: Date.now() - started });
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    const reason = error instanceof UpstreamError ? error.reason : 'internal';
    logEvent({ event: 'fetch', remote: remote.name, ok: false, reason, why, ms: Date.now() - started });
    return reason === 'internal' ? `cannot bring the mirror of ${remote.name} up to date` : why;
  }
}
