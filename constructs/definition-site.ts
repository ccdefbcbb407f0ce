import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locate, Location } from '../lib/plan/index.ts';

/** Deep enough for a class of the user's own between the definition's line and ours. */
const FRAMES = 30;

const HERE = import.meta.dirname;

/** Where our own frames are: in this folder, or in the few files that a build makes of it. */
function ownPlaces(): readonly string[] {
  if (basename(HERE) === 'constructs') return [`${HERE}${sep}`];
  const build = basename(HERE) === 'chunks' ? dirname(HERE) : HERE;
  return [join(build, 'index.js'), `${join(build, 'chunks')}${sep}`];
}

const OWN = [...ownPlaces(), `${sep}node_modules${sep}constructs${sep}`];

/** The file and line of one line of a V8 stack, which shows a module as a URL or as a path. */
function frameLocation(frame: string): Location | undefined {
  const [, where, line] = /(?:\(|at |async )((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (where === undefined || line === undefined) return undefined;
  const path = where.startsWith('file://') ? fileURLToPath(where) : where;
  if (OWN.some((own) => path.includes(own))) return undefined;
  return { file: relative(process.cwd(), path).split(sep).join('/'), line: Number(line) };
}

/**
 * Remembers where the definition called into this package. Cheap: V8 formats a stack (and maps it to TypeScript lines)
 * only when somebody reads it, which is when there is a finding to report.
 */
export function definitionSite(): Locate {
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const here = new Error();
  Error.stackTraceLimit = depth;
  return () => {
    for (const frame of (here.stack ?? '').split('\n')) {
      const location = frameLocation(frame.trim());
      if (location !== undefined) return location;
    }
    return undefined;
  };
}
