/** What `Workspace.copy` gives the agent: the directory as it is at the first deploy, copied into the state directory. */

import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import ignore from 'ignore';
import { z } from 'zod';
import { BottleError } from '../../errors.ts';
import { interrupted } from '../../operate/index.ts';
import { ensureDirectory } from '../../operate/state/directory.ts';
import { listed } from '../../plan/index.ts';
import type { Progress } from '../progress.ts';
import { amountText, type CopiedTree, copyTree, NotCopied } from './copy-tree.ts';

/** Patterns in the syntax of `.gitignore`, of what of the directory is not copied. */
const IGNORE_FILE = '.bottleignore';

/** Directory of the state directory that the agent mounts, and the record of what is in it. */
export const SNAPSHOT_DIRECTORY = 'snapshot';
const RECORD = 'snapshot.json';
const STAGING = '.snapshot-';

const record = z.object({ version: z.literal(1), name: z.string(), source: z.string() });

export interface SnapshotWanted {
  readonly stateDir: string;
  readonly name: string;
  /** Real path of the directory. */
  readonly source: string;
}

function readRecord(stateDir: string): z.infer<typeof record> | undefined {
  try {
    return record.parse(JSON.parse(readFileSync(join(stateDir, RECORD), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether the snapshot of this directory was taken, whole. */
export function hasSnapshot({ stateDir, name, source }: SnapshotWanted): boolean {
  const held = readRecord(stateDir);
  return held?.name === name && held.source === source && existsSync(join(stateDir, SNAPSHOT_DIRECTORY, name));
}

function leftOut(source: string): (path: string) => boolean {
  const file = join(source, IGNORE_FILE);
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return () => false;
  const rules = ignore().add(readFileSync(file, 'utf8'));
  return (path) => rules.ignores(path);
}

const MOST_NAMED = 8;

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, MOST_NAMED);
  const more = paths.length - shown.length;
  return listed(more > 0 ? [...shown, `${more} more`] : shown);
}

function tell(progress: Progress, source: string, tree: CopiedTree): void {
  progress.say(`copied ${source} for the agent: ${amountText(tree)}; what changes there later does not reach it`);
  if (tree.credentials.length > 0) {
    progress.warn(
      `the agent can read what looks like credentials in its copy of ${source}: ${named(tree.credentials)}; list them in ${IGNORE_FILE} there (syntax of .gitignore), then destroy with --volumes and deploy again`,
    );
  }
  if (tree.special.length > 0) progress.warn(`not copied, neither file, directory nor link: ${named(tree.special)}`);
  if (tree.leadingOut.length > 0) {
    progress.say(`links that lead out of ${source} and to nothing in the copy: ${named(tree.leadingOut)}`);
  }
}

function failure(source: string, cause: unknown): unknown {
  if (!(cause instanceof NotCopied)) return cause;
  return new BottleError('deploy/workspace-not-copied', `${source} cannot be copied for the agent: ${cause.message}`, {
    fix: `mend that, or leave the path out by ${IGNORE_FILE} in ${source}`,
    cause,
  });
}

/**
 * Takes the snapshot unless it is there. Whole or not at all: it is made beside its place, and renamed. The record is
 * written last.
 */
export async function ensureSnapshot(
  wanted: SnapshotWanted,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { stateDir, name, source } = wanted;
  ensureDirectory(join(stateDir, SNAPSHOT_DIRECTORY), 0o755);
  for (const entry of readdirSync(stateDir)) {
    if (entry.startsWith(STAGING)) rmSync(join(stateDir, entry), { recursive: true, force: true });
  }
  if (hasSnapshot(wanted)) return;
  rmSync(join(stateDir, RECORD), { force: true });
  const staging = join(stateDir, `${STAGING}${randomBytes(6).toString('hex')}`);
  mkdirSync(staging, { mode: 0o700 });
  try {
    const to = join(staging, name);
    const tree = await progress.step(`copy of ${source}`, (note) =>
      copyTree({ from: source, to, isLeftOut: leftOut(source), note, signal }),
    );
    for (const entry of readdirSync(join(stateDir, SNAPSHOT_DIRECTORY))) {
      rmSync(join(stateDir, SNAPSHOT_DIRECTORY, entry), { recursive: true, force: true });
    }
    renameSync(to, join(stateDir, SNAPSHOT_DIRECTORY, name));
    const text = JSON.stringify({ version: 1, name, source, files: tree.files, bytes: tree.bytes });
    writeFileSync(join(stateDir, RECORD), `${text}\n`, { mode: 0o600 });
    tell(progress, source, tree);
  } catch (cause) {
    throw signal?.aborted === true ? interrupted() : failure(source, cause);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
