/** `tree.json`: the construct tree, for tools that show it or lead from a construct to its line. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Location, TreeNode } from '../plan/index.ts';
import { jsonText } from '../render/index.ts';
import type { TreeValue } from './tree-values.ts';

export const TREE_FILE = 'tree.json';

export interface Tree {
  readonly version: 1;
  /** The app. */
  readonly tree: TreeEntry;
}

export interface TreeEntry {
  /** Within its scope; empty for the app. */
  readonly id: string;
  /** Construct path, as findings name it; empty for the app. */
  readonly path: string;
  /** Name of its class. */
  readonly construct: string;
  /** Where the definition made it, relative to the project; absent where that is not known, or not in the project. */
  readonly source?: Location;
  /** Of a bottle: the name of its directory, and its key in `manifest.json`. */
  readonly slug?: string;
  /** Of egress and git-gate: their routes and remotes. */
  readonly declares?: readonly TreeValue[];
  /** In order of declaration. */
  readonly children: readonly TreeEntry[];
}

/** A path that leads out of the project is another one on another machine. */
const isInProject = ({ file }: Location): boolean => !/^(?:\.\.(?:\/|$)|\/|[A-Za-z]:)/.test(file);

type Values = ReadonlyMap<string, readonly TreeValue[]>;

const inProject = ({ source, ...rest }: TreeValue): TreeValue =>
  source === undefined || !isInProject(source) ? rest : { ...rest, source };

function entry({ id, path, construct, locate, slug, children }: TreeNode, values: Values): TreeEntry {
  const source = locate?.();
  const declares = values.get(path)?.map(inProject);
  return {
    id,
    path,
    construct,
    ...(source === undefined || !isInProject(source) ? {} : { source: { file: source.file, line: source.line } }),
    ...(slug === undefined ? {} : { slug }),
    ...(declares === undefined ? {} : { declares }),
    children: children.map((child) => entry(child, values)),
  };
}

/** The text of `tree.json`; `values` by construct path. */
export const treeText = (root: TreeNode, values: Values): string =>
  jsonText({ version: 1, tree: entry(root, values) } satisfies Tree);

/** The tree of `outdir`, or undefined if there is none that this version reads. */
export function readTree(outdir: string): Tree | undefined {
  const file = join(outdir, TREE_FILE);
  if (!existsSync(file)) return undefined;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed && parsed.version === 1;
    return known && 'tree' in parsed ? (parsed as Tree) : undefined;
  } catch {
    return undefined;
  }
}
