import type { IConstruct } from 'constructs';
import type { TreeNode } from '../lib/plan/index.ts';
import { Bottle } from './bottle.ts';

/** The name of a class; a bundler puts an underscore before that of a class which names itself. */
function className(made: object): string {
  const name: unknown = made.constructor?.name;
  return typeof name === 'string' ? name.replace(/^_/, '') : '';
}

/** The construct tree as plain data. */
export function treeOf(construct: IConstruct): TreeNode {
  const { id, path, children } = construct.node;
  return {
    id,
    path,
    construct: className(construct) || 'Construct',
    ...('locate' in construct ? { locate: construct.locate as NonNullable<TreeNode['locate']> } : {}),
    ...(construct instanceof Bottle ? { slug: construct.slug } : {}),
    children: children.map(treeOf),
  };
}
