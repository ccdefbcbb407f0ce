/** Keeps what a bottle's containers wrote before they are removed, in a form that is harmless to show. */

import { renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { BottleError, reasonOf } from '../../errors.ts';
import type { Container, Environment, Redact } from '../../operate/index.ts';
import { containerLines, LOGS_DIRECTORY, savedLogName, teardownStamp } from '../../operate/logs/index.ts';
import { ensureDirectory } from '../../operate/state/directory.ts';
import { printableLine } from '../../plan/index.ts';

/** Writes the log of container `id` to `file`, and says whether it holds anything. */
async function writeLog(env: Environment, id: string, file: FileHandle, redact: Redact): Promise<boolean> {
  let isEmpty = true;
  try {
    for await (const batch of containerLines(env, id, {})) {
      const lines = batch.map(({ time, text }) => `${time} ${printableLine(redact(text))}\n`);
      await file.appendFile(lines.join(''));
      isEmpty = false;
    }
  } catch (error) {
    // A container that the engine has half removed has no log to give, and is taken down all the same.
    if (!(error instanceof BottleError) || error.code !== 'docker/failed') throw error;
  }
  return !isEmpty;
}

function notSaved(file: string, cause: unknown): unknown {
  if (cause instanceof BottleError) return cause;
  const reason = reasonOf(cause);
  return new BottleError('destroy/logs-not-saved', `the log ${file} cannot be written: ${reason}`, {
    fix: 'free the disk, and run the command again; nothing was removed',
    cause,
  });
}

/** Writes one file a container below `<stateDir>/logs`, readable by its owner alone, and returns their paths. */
export async function saveLogs(
  env: Environment,
  containers: readonly Pick<Container, 'id' | 'service'>[],
  stateDir: string,
  redact: Redact,
  now: Date = new Date(),
): Promise<readonly string[]> {
  const saved: string[] = [];
  const directory = join(stateDir, LOGS_DIRECTORY);
  for (const { id, service } of containers) {
    ensureDirectory(stateDir, 0o700);
    ensureDirectory(directory, 0o700);
    const file = join(directory, savedLogName(teardownStamp(now), service));
    const partial = `${file}.partial`;
    try {
      const handle = await open(partial, 'w', 0o600);
      const hasLines = await writeLog(env, id, handle, redact).finally(() => handle.close());
      if (!hasLines) continue;
      renameSync(partial, file);
      saved.push(file);
    } catch (error) {
      throw notSaved(file, error);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return saved;
}
