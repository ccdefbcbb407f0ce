/** Adds to the audit log of a bottle. The caller holds its lock. */

import { closeSync, constants, fsyncSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Grant, readGrants } from '../grants/index.ts';
import { ensureDirectory } from '../state/directory.ts';
import { type AuditLine, type BreakEntry, type ChangeEntry, lineDigest, type VerdictEntry } from './record.ts';
import { AUDIT_DIR, AUDIT_FILE, type AuditLog, HEAD_FILE, verifyAudit } from './verify.ts';

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC } = constants;

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Appends whole lines or nothing: what a full disk took of them is cut off again. */
function appendLines(path: string, size: number, text: string): void {
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    writeAll(file, text);
    fsyncSync(file);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  } finally {
    closeSync(file);
  }
}

function noteHead(stateDir: string, seq: number, digest: string): void {
  const path = join(stateDir, HEAD_FILE);
  const file = openSync(`${path}.tmp`, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    writeAll(file, `${seq} ${digest}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.tmp`, path);
}

/** What is wrong and no line of the log has said yet. */
function unsaid({ problems, lines }: AuditLog): readonly string[] {
  const said = new Set(lines.flatMap((line) => (line.kind === 'broken-chain' ? line.problems : [])));
  return problems.filter((problem) => !said.has(problem));
}

const LOG_GONE = 'the log and the note of its last line are gone, though there were live grants, which it records';

/** Whether the bottle had live grants before what `entry` tells of; what nobody can read counts as some. */
function hadGrants(stateDir: string, entry: ChangeEntry | VerdictEntry): boolean {
  const { added, removed } = entry.kind === 'change' ? entry.grants : { added: [], removed: [] };
  if (removed.length > 0) return true;
  let now: readonly Grant[];
  try {
    now = readGrants(stateDir);
  } catch {
    return true;
  }
  return now.some((grant) => !added.some((one) => isDeepStrictEqual(one, grant)));
}

/**
 * Writes `entry` as the next line, on the disk when this returns. A log that was tampered with is never continued in
 * silence: a line that says so comes first, and the problems are returned.
 */
export function appendAudit(
  stateDir: string,
  entry: ChangeEntry | VerdictEntry,
  now: Date = new Date(),
): readonly string[] {
  ensureDirectory(join(stateDir, AUDIT_DIR), 0o700);
  const log = verifyAudit(stateDir);
  const isGone = !log.exists && hadGrants(stateDir, entry);
  const problems = [...unsaid(log), ...(isGone ? [LOG_GONE] : [])];
  const broken: BreakEntry[] = problems.length === 0 ? [] : [{ kind: 'broken-chain', problems: [...problems] }];
  let { last } = log;
  let text = log.isTorn ? '\n' : '';
  for (const next of [...broken, entry]) {
    const line: AuditLine = { v: 1, seq: last.seq + 1, prev: last.digest, time: now.toISOString(), ...next };
    const json = JSON.stringify(line);
    text += `${json}\n`;
    last = { seq: line.seq, digest: lineDigest(json) };
  }
  appendLines(join(stateDir, AUDIT_FILE), log.size, text);
  noteHead(stateDir, last.seq, last.digest);
  return problems;
}
