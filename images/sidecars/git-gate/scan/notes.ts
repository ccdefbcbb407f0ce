/** What a push names and does not carry: worth a word to the client, and no reason to refuse it. */

/** Small, and begins so (git-lfs's specification, "The Pointer"). */
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\//;
const LONGEST_POINTER = 1024;

export interface Named {
  /** Files that stand for contents which Git LFS keeps elsewhere. */
  readonly lfsPointers: number;
  /** Entries that stand for a commit of another repository. */
  readonly submodules: number;
}

export const isLfsPointer = (bytes: Buffer): boolean =>
  bytes.length < LONGEST_POINTER && POINTER.test(bytes.toString('latin1'));

const counted = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

export function notesOf({ lfsPointers, submodules }: Named): string[] {
  const notes: string[] = [];
  if (lfsPointers > 0) {
    const what = counted(lfsPointers, 'Git LFS pointer', 'Git LFS pointers');
    notes.push(`note: ${what} pushed without contents; those go over HTTPS, if egress has a route for it`);
  }
  if (submodules > 0) {
    const what = counted(submodules, 'submodule entry', 'submodule entries');
    notes.push(`note: ${what} pushed; the commits that they name are neither pushed nor checked`);
  }
  return notes;
}
