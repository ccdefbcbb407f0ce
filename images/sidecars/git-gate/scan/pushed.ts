/** All that a push would carry to the upstream, scanned: contents, messages, names. */

import type { Git } from '../git.ts';
import { newObjects, objectSlices } from '../pushed-objects.ts';
import { newCommits, pathChanges } from '../pushed-paths.ts';
import type { RefUpdate } from '../ref-update.ts';
import { gitleaksFindings } from './gitleaks.ts';
import { type Finding, Scan, type Scanner } from './scan.ts';
import { type ScanItem, segmentsOf } from './segment.ts';
import { wideText } from './wide-text.ts';

export interface ScannedPush {
  readonly findings: readonly Finding[];
  readonly objects: number;
  readonly commits: number;
}

const TIMEOUT_MS = 15 * 60_000;

/**
 * Scans what `updates` bring. Of objects that is every blob, commit and tag, raw, so that authors, signatures and
 * unknown headers are in it; of names, the refs and every path that a new commit adds.
 */
export async function scanPush(
  git: Git,
  updates: readonly RefUpdate[],
  scanner: Scanner = gitleaksFindings,
): Promise<ScannedPush> {
  const scan = new Scan(scanner, TIMEOUT_MS);
  const ids = updates.flatMap(({ to }) => (to === undefined ? [] : [to]));

  for (const { ref } of updates) await scan.add(segmentsOf({ kind: 'ref', ref }, Buffer.from(ref)));

  const commits = await newCommits(git, ids);
  const added = new Map<string, string>();
  for (const change of await pathChanges(git, commits)) if (change.added) added.set(change.path, change.commit);
  for (const [path, commit] of added) {
    await scan.add(segmentsOf({ kind: 'path', path, commit }, Buffer.from(path)));
  }

  const objects = await newObjects(git, ids);
  let item: ScanItem | undefined;
  let current = '';
  for await (const { object, type, bytes, line } of objectSlices(git, objects)) {
    if (item === undefined || current !== object.id) {
      item = { kind: 'object', type, ...object };
      current = object.id;
    }
    await scan.add(segmentsOf(item, bytes, line));
    const wide = wideText(bytes);
    if (wide.length > 0) await scan.add(segmentsOf(item, wide));
  }
  return { findings: await scan.end(), objects: objects.length, commits: commits.length };
}
