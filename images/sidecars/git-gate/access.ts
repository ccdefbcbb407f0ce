/** git daemon's access hook: who may do what, and never from a stale mirror. */

import { mirrorPath, readConfig, remoteOfMirror } from './config.ts';
import { failureReason } from './failure-reason.ts';
import { lockMirror } from './lock.ts';
import { pushLog } from './push-log.ts';
import { logEvent, printable } from './say.ts';
import { synchronize } from './synchronize.ts';

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
  if (service === 'receive-pack') {
    if (remote.access === 'push') return undefined;
    const refusal = `${remote.name} is read-only`;
    pushLog(remote, 0).rejected({ stage: 'access', reason: 'rule', refused: [refusal] });
    return refusal;
  }
  if (service !== 'upload-pack') return `${printable(service, 40)} is not offered`;
  try {
    await lockMirror(remote.name);
    await synchronize(remote, mirrorPath(remote.name), { pushing: false });
    logEvent({ event: 'fetch', remote: remote.name, ok: true, ms: Date.now() - started });
    return undefined;
  } catch (error) {
    const { word, lines } = failureReason(error);
    const why = lines.join('; ');
    logEvent({ event: 'fetch', remote: remote.name, ok: false, reason: word, why, ms: Date.now() - started });
    return word === 'internal' ? `cannot bring the mirror of ${remote.name} up to date` : why;
  }
}
