/** `tree.json`: the construct tree, for tools that show it or lead from a construct to its line. */

import type { Location, TreeNode } from '../plan/index.ts';
import { jsonText } from '../render/index.ts';

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
  /** In order of declaration. */
  readonly children: readonly TreeEntry[];
}

/** A path that leads out of the project is another one on another machine. */
const isInProject = ({ file }: Location): boolean => !/^(?:\.\.(?:\/|$)|\/|[A-Za-z]:)/.test(file);

function entry({ id, path, construct, locate, slug, children }: TreeNode): TreeEntry {
  const source = locate?.();
  return {
    id,
    path,
    construct,
    ...(source === undefined || !isInProject(source) ? {} : { source: { file: source.file, line: source.line } }),
    ...(slug === undefined ? {} : { slug }),
    children: children.map(entry),
  };
}

/** The text of `tree.json`. */
export const treeText = (root: TreeNode): string => jsonText({ version: 1, tree: entry(root) } satisfies Tree);
