/** Keeps what a bottle's containers wrote before they are removed. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Container, type Docker, type Redact, timedLog } from '../../operate/index.ts';
import { ensureDirectory } from '../../operate/state/directory.ts';

/** `20260131T120000Z`: sorts by time and is a file name everywhere. */
const stamp = (now: Date): string => now.toISOString().replace(/[-:]|\.\d+/g, '');

/** Writes one file a container below `<stateDir>/logs`, readable by its owner alone, and returns their paths. */
export async function saveLogs(
  docker: Docker,
  containers: readonly Container[],
  stateDir: string,
  redact: Redact,
  now: Date = new Date(),
): Promise<readonly string[]> {
  const saved: string[] = [];
  for (const { id, service } of containers) {
    const lines = await timedLog(docker, id, 'all');
    if (lines.length === 0) continue;
    const directory = join(stateDir, 'logs');
    ensureDirectory(stateDir, 0o700);
    ensureDirectory(directory, 0o700);
    const file = join(directory, `${stamp(now)}-${/^[a-z-]+$/.test(service) ? service : 'container'}.log`);
    writeFileSync(file, `${redact(lines.join('\n'))}\n`, { mode: 0o600 });
    saved.push(file);
  }
  return saved;
}
