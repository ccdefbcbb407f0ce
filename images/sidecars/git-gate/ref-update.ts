/** The ref updates of one push, as receive-pack hands them to its pre-receive hook (githooks(5)). */

export interface RefUpdate {
  /** What the client claims that the ref is now; undefined for a ref to be created. */
  readonly from?: string;
  /** undefined for a ref to be deleted. */
  readonly to?: string;
  readonly ref: string;
}

export type RefKind = 'branch' | 'tag' | 'other';

const LINE = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (\S.*)$/s;
const ZERO = /^0+$/;

/** The updates in `text`, one a line. Throws on anything that is not `<old> <new> <ref>`. */
export function parseRefUpdates(text: string): RefUpdate[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, from, to, ref] = LINE.exec(line) ?? [];
      if (from === undefined || to === undefined || ref === undefined) throw new Error('not a ref update');
      return { ref, ...(ZERO.test(from) ? {} : { from }), ...(ZERO.test(to) ? {} : { to }) };
    });
}

export function refKind(ref: string): RefKind {
  if (ref.startsWith('refs/heads/')) return 'branch';
  return ref.startsWith('refs/tags/') ? 'tag' : 'other';
}

/** `main` for `refs/heads/main`. */
export const shortRef = (ref: string): string => ref.replace(/^refs\/(?:heads|tags)\//, '');
