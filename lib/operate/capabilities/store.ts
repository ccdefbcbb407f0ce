/** `capabilities.json` in a bottle's state directory: read, replaced by rename, forgotten. */

import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError } from '../../errors.ts';
import { type Capabilities, CapabilitiesFile, NO_CAPABILITIES } from './model.ts';

export const CAPABILITIES_FILE = 'capabilities.json';

const FILE_MAX = 262_144;

function unreadable(path: string, reason: string): BottleError {
  return new BottleError('capabilities/unreadable', `${path} cannot be used: ${reason}`, {
    fix: 'deploy with --reset to start from the definition alone, which forgets what was approved',
  });
}

function textOf(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(path, error instanceof Error ? error.message : 'unknown');
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile() || status.size > FILE_MAX) throw unreadable(path, 'it is not a file of ours');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** What was approved for the bottle in `stateDir`; nothing where there is no file. */
export function readCapabilities(stateDir: string): Capabilities {
  const path = join(stateDir, CAPABILITIES_FILE);
  const text = textOf(path);
  if (text === undefined) return NO_CAPABILITIES;
  try {
    return CapabilitiesFile.parse(JSON.parse(text));
  } catch {
    throw unreadable(path, 'it is not of the expected form');
  }
}

/** Replaces what was approved. The caller holds the bottle's lock. */
export function writeCapabilities(stateDir: string, capabilities: Capabilities): void {
  const path = join(stateDir, CAPABILITIES_FILE);
  const temporary = join(stateDir, `.${CAPABILITIES_FILE}.${randomUUID()}`);
  try {
    writeFileSync(temporary, `${JSON.stringify(CapabilitiesFile.parse(capabilities), null, 2)}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    renameSync(temporary, path);
  } catch (cause) {
    throw new BottleError(
      'capabilities/not-writable',
      `${path} cannot be written: ${cause instanceof Error ? cause.message : 'unknown'}`,
      { fix: 'free the disk; nothing was approved', cause },
    );
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Forgets everything that was approved: what `deploy --reset` does. */
export function forgetCapabilities(stateDir: string): void {
  rmSync(join(stateDir, CAPABILITIES_FILE), { force: true });
}
