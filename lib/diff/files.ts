/** Which files of a bottle differ, by how many lines, and how. */

import { createTwoFilesPatch, diffLines, FILE_HEADERS_ONLY } from 'diff';
import type { BottleDocuments, FileChange } from './model.ts';
import { redacted } from './redact.ts';
import { parsedVersion } from './side.ts';

type Files = BottleDocuments['files'];

const textOf = (files: Files, path: string): string => files.get(path)?.toString() ?? '';

const NO_FILES: Files = new Map();

/** Paths of the files that are not the same in both, sorted. */
function differing(before: Files, after: Files): readonly string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => {
      const [old, now] = [before.get(path), after.get(path)];
      return old === undefined || now === undefined || !old.equals(now);
    })
    .sort();
}

export function changedFiles(
  before: BottleDocuments | undefined,
  after: BottleDocuments | undefined,
): readonly FileChange[] {
  const [old, now] = [before?.files ?? NO_FILES, after?.files ?? NO_FILES];
  return differing(old, now).map((path) => {
    const parts = diffLines(textOf(old, path), textOf(now, path));
    const count = (which: 'added' | 'removed'): number =>
      parts.reduce((sum, part) => sum + (part[which] ? part.count : 0), 0);
    const status = !old.has(path) ? 'added' : !now.has(path) ? 'removed' : 'changed';
    return { path, status, added: count('added'), removed: count('removed') };
  });
}

/** The files that differ as one unified diff, without any value that looks like a credential. */
export function unifiedDiff(before: BottleDocuments | undefined, after: BottleDocuments | undefined): string {
  const [old, now] = [before?.files ?? NO_FILES, after?.files ?? NO_FILES];
  const slug = (after ?? before)?.slug ?? '';
  const hide = redacted([before, after].map((version) => version && parsedVersion(version)));
  return differing(old, now)
    .map((path) => {
      const [from, to] = [
        old.has(path) ? `a/${slug}/${path}` : '/dev/null',
        now.has(path) ? `b/${slug}/${path}` : '/dev/null',
      ];
      const patch = createTwoFilesPatch(from, to, textOf(old, path), textOf(now, path), undefined, undefined, {
        context: 3,
        headerOptions: FILE_HEADERS_ONLY,
      });
      return hide(patch);
    })
    .join('');
}
