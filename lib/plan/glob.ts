/** The patterns of a remote's `branches` and `protectedPaths`, as git-gate and the rules read them: `*` and `?` within a segment, `**` over any number of segments. */

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');

function segmentSource(segment: string): string {
  return [...segment].map((c) => (c === '*' ? '[^/]*' : c === '?' ? '[^/]' : literal(c))).join('');
}

function source(segments: readonly string[]): string {
  let text = '';
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '**') text += last ? '.*' : '(?:[^/]*/)*';
    else text += segmentSource(segment) + (last ? '' : '\\/');
  }
  return text;
}

const segmentsOf = (pattern: string): string[] => pattern.split('/').filter((segment) => segment !== '');

/** True if `pattern` matches all of `text`. */
export function matchesGlob(pattern: string, text: string): boolean {
  return new RegExp(`^${source(segmentsOf(pattern))}$`, 's').test(text);
}

/**
 * True if a change of `path` touches what `pattern` protects: a path that matches, anything below one, and a file,
 * link or submodule in the place of a directory that the pattern names. In any case: a file system that ignores case,
 * upstream or where it is checked out, takes one for the other.
 */
export function protects(pattern: string, path: string): boolean {
  const segments = segmentsOf(pattern);
  if (new RegExp(`^${source(segments)}(?:/.*)?$`, 'isu').test(path)) return true;
  return segments.some((segment, index) => {
    if (index === segments.length - 1 || /[*?]/.test(segment)) return false;
    return new RegExp(`^${source(segments.slice(0, index + 1))}$`, 'isu').test(path);
  });
}
