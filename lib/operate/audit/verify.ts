/** Whether the audit log of a bottle is whole. */

import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditLine, FIRST_PREV, lineDigest } from './record.ts';

export const AUDIT_DIR = 'audit';
export const AUDIT_FILE = `${AUDIT_DIR}/audit.jsonl`;
/** The last line that was written: by it a log is seen to have lost its end. */
export const HEAD_FILE = `${AUDIT_DIR}/head`;

export interface AuditLog {
  readonly lines: readonly AuditLine[];
  /** What is wrong, one line each, by line number; empty if the log is whole. */
  readonly problems: readonly string[];
  /** Sequence number and digest of the last line as it lies there. */
  readonly last: { readonly seq: number; readonly digest: string };
  /** Whether the log or the note of its last line is there. */
  readonly exists: boolean;
  /** Bytes of the file. */
  readonly size: number;
  /** Whether the last line lacks its end. */
  readonly isTorn: boolean;
}

/** The text of a file that is ours alone; undefined if there is none. Never follows a link. */
function textOf(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? readFileSync(path, 'utf8') : undefined;
}

function parsedLine(text: string): AuditLine | undefined {
  try {
    return AuditLine.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Reads and checks the log of `stateDir`: every line's place in the chain, and that the end is the one last written. */
export function verifyAudit(stateDir: string): AuditLog {
  const found = textOf(join(stateDir, AUDIT_FILE));
  const text = found ?? '';
  const isTorn = text !== '' && !text.endsWith('\n');
  const texts = text.split('\n').slice(0, isTorn ? undefined : -1);
  const problems: string[] = [];
  const lines: AuditLine[] = [];
  let last = { seq: 0, digest: FIRST_PREV };
  const digests = new Map<number, string>();
  for (const [index, lineText] of texts.entries()) {
    const at = `line ${index + 1}`;
    const line = parsedLine(lineText);
    const digest = lineDigest(lineText);
    if (line === undefined) {
      problems.push(`${at} is no record`);
      last = { seq: last.seq + 1, digest };
      continue;
    }
    if (line.prev !== last.digest) problems.push(`${at} does not follow the line before it`);
    if (line.seq !== last.seq + 1) problems.push(`${at} has number ${line.seq}, not ${last.seq + 1}`);
    lines.push(line);
    last = { seq: line.seq, digest };
    digests.set(line.seq, digest);
  }
  const head = textOf(join(stateDir, HEAD_FILE));
  const [, headSeq, headDigest] = /^(\d+) ([0-9a-f]{64})\n$/.exec(head ?? '') ?? [];
  if (headSeq === undefined && texts.length > 0) problems.push('the note of the last line is gone');
  if (headSeq !== undefined && digests.get(Number(headSeq)) !== headDigest) {
    problems.push(`record ${headSeq}, the last that was noted, is gone or was changed`);
  }
  return { lines, problems, last, exists: (found ?? head) !== undefined, size: Buffer.byteLength(text), isTorn };
}
