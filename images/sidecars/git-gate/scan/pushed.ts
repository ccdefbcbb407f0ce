/** All that a push would carry to the upstream, scanned: contents, messages, names. */

import type { Git } from '../git.ts';
import { TooLargeError } from '../git-stream.ts';
import { hiddenObjects } from '../hidden-objects.ts';
import { newObjects, objectSlices } from '../pushed-objects.ts';
import { newCommits, type PathChange, pathChanges } from '../pushed-paths.ts';
import type { RefUpdate } from '../ref-update.ts';
import { gitleaksFindings } from './gitleaks.ts';
import { isLfsPointer, type Named } from './notes.ts';
import { type Finding, Scan, type Scanner } from './scan.ts';
import { type ScanItem, segmentsOf } from './segment.ts';
import { wideText } from './wide-text.ts';

export interface ScannedPush extends Named {
  readonly findings: readonly Finding[];
  readonly objects: number;
  /** Objects that the push carries and does not reach. */
  readonly hidden: number;
}

const TIMEOUT_SECONDS = 15 * 60;
/** Bytes of the names in one push: they are kept until all are scanned. */
const MOST_NAME_BYTES = 64 * 1024 * 1024;

/** How long the scan of one push may take: `GIT_GATE_SCAN_SECONDS`, else 15 minutes. */
function timeoutMs(): number {
  const seconds = Number(process.env['GIT_GATE_SCAN_SECONDS']);
  return (Number.isInteger(seconds) && seconds > 0 ? seconds : TIMEOUT_SECONDS) * 1000;
}

interface TreeText {
  readonly item: ScanItem;
  readonly bytes: Buffer;
}

/** What the trees of new commits hold that is the client's own choice: each name and submodule's id once. */
async function treeTexts(changes: AsyncIterable<PathChange>): Promise<TreeText[]> {
  const texts = new Map<string, TreeText>();
  let size = 0;
  const add = (key: string, text: TreeText): void => {
    if (texts.has(key)) return;
    texts.set(key, text);
    size += key.length + text.bytes.length;
    if (size > MOST_NAME_BYTES) throw new TooLargeError('the paths in it are too long');
  };
  for await (const { path, commit, added, submodule: id } of changes) {
    if (added) add(path, { item: { kind: 'path', path, commit }, bytes: Buffer.from(path) });
    if (id === undefined) continue;
    // The tree has the bytes, a listing of it the digits.
    const bytes = Buffer.concat([Buffer.from(`${id}\n`), Buffer.from(id, 'hex')]);
    add(`${path}\0${id}`, { item: { kind: 'submodule', path, commit, id }, bytes });
  }
  return [...texts.values()];
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
  const scan = new Scan(scanner, timeoutMs());
  const ids = updates.flatMap(({ to }) => (to === undefined ? [] : [to]));

  for (const { ref } of updates) await scan.add(segmentsOf({ kind: 'ref', ref }, Buffer.from(ref)));

  const changes = pathChanges(git, await newCommits(git, ids), { directories: true });
  let submodules = 0;
  for (const { item, bytes } of await treeTexts(changes)) {
    if (item.kind === 'submodule') submodules += 1;
    await scan.add(segmentsOf(item, bytes));
  }

  const objects = await newObjects(git, ids);
  let item: ScanItem | undefined;
  let current = '';
  let lfsPointers = 0;
  for await (const { object, type, bytes, line } of objectSlices(git, objects)) {
    if (item === undefined || current !== object.id) {
      item = { kind: 'object', type, ...object };
      current = object.id;
      if (type === 'blob' && isLfsPointer(bytes)) lfsPointers += 1;
    }
    await scan.add(segmentsOf(item, bytes, line));
    const wide = wideText(bytes);
    if (wide.length > 0) await scan.add(segmentsOf(item, wide));
  }
  const findings = await scan.end();
  return { findings, objects: objects.length, hidden: await hiddenObjects(git, objects), lfsPointers, submodules };
}
