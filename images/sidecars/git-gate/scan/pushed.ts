/** All that a push would carry to the upstream, scanned: contents, messages, names. */

import type { Git } from '../git.ts';
import { newObjects, objectSlices } from '../pushed-objects.ts';
import { newCommits, type PathChange, pathChanges } from '../pushed-paths.ts';
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

interface TreeText {
  readonly item: ScanItem;
  readonly bytes: Buffer;
}

/** What the trees of new commits hold that is the client's own choice: each name and submodule's id once. */
function treeTexts(changes: readonly PathChange[]): Iterable<TreeText> {
  const texts = new Map<string, TreeText>();
  for (const { path, commit, added, submodule: id } of changes) {
    if (added) texts.set(path, { item: { kind: 'path', path, commit }, bytes: Buffer.from(path) });
    if (id === undefined) continue;
    // The tree has the bytes, a listing of it the digits.
    const bytes = Buffer.concat([Buffer.from(`${id}\n`), Buffer.from(id, 'hex')]);
    texts.set(`${path}\0${id}`, { item: { kind: 'submodule', path, commit, id }, bytes });
  }
  return texts.values();
}

/**
 * Scans what `updates` bring. Of objects that is every blob, commit and tag, raw, so that authors, signatures and
 * unknown headers are in it; of names, the refs and every path that a new commit adds, empty directories too; of trees,
 * which hold nothing else of the client's own making, the ids of submodules.
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
  const changes = await pathChanges(git, commits, { directories: true });
  for (const { item, bytes } of treeTexts(changes)) await scan.add(segmentsOf(item, bytes));

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
