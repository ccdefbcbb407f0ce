import { findSourceMap } from 'node:module';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
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
const PACKAGES = `${sep}node_modules${sep}`;

/** A class with those it extends. */
type ConstructorOf = abstract new (...args: never[]) => object;

/** A source file of a call: its path, and whose it is. */
interface SourceFile {
  readonly path: string;
  readonly owner: 'us' | 'a package' | 'the definition';
}

/** `compute`, asked once for each key: thousands of constructs come from a few lines of a few files. */
function remembered<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const value = known.has(key) ? (known.get(key) as T) : compute(key);
    known.set(key, value);
    return value;
  };
}

/** Undefined for Node's own files and for code that is in none. */
const sourceFile = remembered((name: string): SourceFile | undefined => {
  const path = name.startsWith('file://') ? fileURLToPath(name) : name;
  if (!isAbsolute(path)) return undefined;
  if (OWN.some((own) => path.includes(own))) return { path, owner: 'us' };
  return { path, owner: path.includes(PACKAGES) ? 'a package' : 'the definition' };
});

/** The calls that led to `error`, as V8 has them: nothing is formatted, and no line is mapped yet. */
function callsTo(error: Error): readonly NodeJS.CallSite[] {
  const { prepareStackTrace } = Error;
  let calls: readonly NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (_, found) => {
    calls = found;
    return '';
  };
  try {
    // V8 asks for the calls when the stack is first read.
    return typeof error.stack === 'string' ? calls : [];
  } finally {
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

const plainName = (name: string | null): string => (name ?? '').replace(/^_+/, '');

/** Names of the classes that make an object of class `made`. */
function classNames(made: ConstructorOf | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at: unknown = made; typeof at === 'function' && at.name !== ''; at = Object.getPrototypeOf(at)) {
    names.add(plainName(at.name));
  }
  return names;
}

/** Where a line and column of a compiled file stand in what was written. `key` is `<line>:<column>:<file name>`. */
const writtenAt = remembered((key: string): Location => {
  const [, line = '', column = '', name = ''] = /^(\d+):(\d+):(.*)$/s.exec(key) ?? [];
  const entry = findSourceMap(name)?.findEntry(Number(line) - 1, Number(column) - 1);
  const mapped = entry !== undefined && 'originalSource' in entry ? entry : undefined;
  const path = sourceFile(mapped?.originalSource ?? name)?.path ?? name;
  const file = relative(process.cwd(), path).split(sep).join('/');
  return { file, line: mapped === undefined ? Number(line) : mapped.originalLine + 1 };
});

/**
 * The call by which the definition came to us: the first that is not ours. A class that extends one of ours is passed
 * over while it makes its object: what is wrong with a blueprint's bottle is wrong where somebody asked for that bottle.
 * So are packages, which nobody who reads the finding can change, unless there is nothing else.
 */
function definingCall(calls: readonly NodeJS.CallSite[], made: ConstructorOf | undefined): NodeJS.CallSite | undefined {
  const classes = classNames(made);
  let making = true;
  let inPackage: NodeJS.CallSite | undefined;
  for (const call of calls) {
    const { owner = 'us' } = sourceFile(call.getFileName() ?? '') ?? {};
    if (owner === 'us') continue;
    making &&= call.isConstructor() && classes.has(plainName(call.getFunctionName()));
    if (making) continue;
    if (owner === 'the definition') return call;
    inPackage ??= call;
  }
  return inPackage;
}

/**
 * Remembers where the definition called into this package, or, from a constructor with its `new.target`, where it made
 * the object. Cheap: what V8 keeps of a stack is read only when somebody asks, and then one line of it.
 */
export function definitionSite(made?: ConstructorOf): Locate {
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  let here: Error | undefined = new Error();
  Error.stackTraceLimit = depth;
  let location: Location | undefined;
  return () => {
    if (here !== undefined) {
      const call = definingCall(callsTo(here), made);
      here = undefined;
      if (call !== undefined) {
        location = writtenAt(`${call.getLineNumber()}:${call.getColumnNumber()}:${call.getFileName()}`);
      }
    }
    return location;
  };
}
