/** One version of a bottle while it is compared: its documents as data, from which each family takes its part. */

import { BottleError } from '../errors.ts';
import { AGENT_SERVICE, BOTTLE_FILE, type Daemon, isRecord, type Shape } from '../plan/index.ts';
import { parsedYaml } from '../render/yaml.ts';
import type { BottleDocuments } from './model.ts';

export type Entries = Record<string, unknown>;

export const MANIFEST = 'manifest.json';

/** The documents that are data; any other file is text. */
const STRUCTURED: readonly string[] = [
  BOTTLE_FILE.compose,
  BOTTLE_FILE.routes,
  BOTTLE_FILE.pipelock,
  BOTTLE_FILE.gitGate,
  BOTTLE_FILE.supervise,
];

export interface Side {
  readonly slug: string;
  /** False where this version of the bottle does not exist. */
  readonly exists: boolean;
  readonly daemons: readonly Daemon[];
  readonly shape: Shape | undefined;
  /** What is left of the manifest's entry and of each document. Families take from it. */
  readonly manifest: Entries;
  readonly documents: Readonly<Record<string, Entries>>;
  /** What is left of the files that are text, by path. */
  readonly texts: Map<string, string>;
  /** The host variable that fills each slot of egress. */
  readonly tokens: ReadonlyMap<string, string>;
}

export const isEntries = (value: unknown): value is Entries => isRecord(value);

/** Removes `key` from `record` and returns what it held. */
export function taken(record: Entries, key: string): unknown {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  delete record[key];
  return value;
}

/** Takes what `select` makes something of out of the list `record[key]`; the rest of the list stays. */
export function takenFrom<T>(record: Entries, key: string, select: (entry: unknown) => T | undefined): readonly T[] {
  const list = Object.hasOwn(record, key) ? record[key] : undefined;
  if (!Array.isArray(list)) return [];
  const found: T[] = [];
  const rest = list.filter((entry) => {
    const one = select(entry);
    if (one !== undefined) found.push(one);
    return one === undefined;
  });
  if (rest.length === 0) delete record[key];
  else record[key] = rest;
  return found;
}

export const asText = (entry: unknown): string | undefined => (typeof entry === 'string' ? entry : undefined);

/** The record at `key`, to take from; an empty one where there is none. */
export function within(record: Entries | undefined, key: string): Entries {
  const found = record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
  return isEntries(found) ? found : {};
}

function unreadable(slug: string, path: string, reason: string, cause?: unknown): BottleError {
  return new BottleError('diff/unreadable', `${path} of the bottle ${slug} is not one that synth renders: ${reason}`, {
    fix: 'synthesize, or deploy, that side again with this version of claude-bottle',
    cause,
  });
}

function documentOf(slug: string, path: string, text: string): Entries {
  let document: unknown;
  try {
    document = path.endsWith('.json') ? JSON.parse(text) : parsedYaml(text);
  } catch (cause) {
    throw unreadable(slug, path, cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '', cause);
  }
  if (!isEntries(document)) throw unreadable(slug, path, 'it holds no mapping');
  return document;
}

function assertComposeShape(slug: string, compose: Entries): void {
  const services = compose['services'];
  const isReadable = isEntries(services) && Object.values(services).every(isEntries);
  if (!isReadable || !Object.hasOwn(services, AGENT_SERVICE)) {
    throw unreadable(slug, BOTTLE_FILE.compose, `it has no service ${AGENT_SERVICE}, or one that is no mapping`);
  }
}

/** A version with its documents as data, which nobody changes. */
export interface Version extends BottleDocuments {
  readonly documents: Readonly<Record<string, Entries>>;
}

/** `version` with its documents parsed. Throws `diff/unreadable` for what no version of synth has rendered. */
export function parsedVersion(version: BottleDocuments): Version {
  const { slug, files } = version;
  const documents: Record<string, Entries> = {};
  for (const path of STRUCTURED) {
    const content = files.get(path);
    if (content !== undefined) documents[path] = documentOf(slug, path, content.toString());
  }
  const compose = documents[BOTTLE_FILE.compose];
  if (compose === undefined) throw unreadable(slug, BOTTLE_FILE.compose, 'it is missing');
  assertComposeShape(slug, compose);
  return { ...version, documents };
}

/** `version` ready to be taken apart. */
export function sideOf({ slug, manifest, files, documents }: Version): Side {
  const texts = [...files].filter(([path]) => !STRUCTURED.includes(path));
  return {
    slug,
    exists: true,
    daemons: manifest.daemons,
    shape: manifest.shape,
    manifest: structuredClone({ ...manifest }),
    documents: structuredClone(documents),
    texts: new Map(texts.map(([path, content]) => [path, content.toString()])),
    tokens: new Map(manifest.requires.tokens.map(({ slot, from }) => [slot, from])),
  };
}

/** The version of a bottle that does not exist. */
export const nothing = (slug: string): Side => ({
  slug,
  exists: false,
  daemons: [],
  shape: undefined,
  manifest: {},
  documents: {},
  texts: new Map(),
  tokens: new Map(),
});
