import type { IConstruct } from 'constructs';
import type { Locate } from '../lib/plan/index.ts';
import { definitionSite } from './definition-site.ts';

/** Visits the construct that it was added to and every construct below it, before the tree is lowered. */
export interface Aspect {
  visit(node: IConstruct): void;
}

/** Usual priorities of aspects: the lower one visits a construct first. */
export const AspectPriority = {
  /** Aspects that change constructs. */
  MUTATING: 200,
  DEFAULT: 500,
  /** Aspects that only look. */
  READONLY: 1000,
} as const;

export interface AspectOptions {
  /**
   * On one construct, aspects of lower priority visit first; of those of one priority, those of the constructs above.
   * @default AspectPriority.DEFAULT
   */
  readonly priority?: number;
}

/** An aspect as it was added; synth judges whether it is one. */
export interface AspectApplication {
  /** Construct path of the scope. */
  readonly path: string;
  readonly aspect: unknown;
  readonly priority: unknown;
  readonly locate: Locate;
}

/** Shared by two copies of this package in one program. */
const ASPECTS = Symbol.for('claude-bottle.aspects');

interface Holder extends IConstruct {
  [ASPECTS]?: AspectApplication[];
}

/** Whether any construct of a tree has aspects, noted on its root: most trees have none. */
export const hasAspects = (root: IConstruct): boolean => ASPECTS in root;

/** The aspects that were added to `construct` itself. */
export const aspectsOf = (construct: IConstruct): readonly AspectApplication[] => (construct as Holder)[ASPECTS] ?? [];

/** Changes to a whole tree, as in aws-cdk: each aspect visits its scope and everything below it once. */
export class Aspects {
  static of(construct: IConstruct): Aspects {
    return new Aspects(construct);
  }

  readonly #construct: IConstruct;

  private constructor(construct: IConstruct) {
    this.#construct = construct;
  }

  /**
   * Adds `aspect`. It visits parents before their children, and what aspects add it visits, too. Throws once the app has
   * been synthesized: it would have no effect. A value that is no aspect is an error at synth.
   */
  add(aspect: Aspect, options: AspectOptions = {}): void {
    const { node } = this.#construct;
    if (node.locked) throw new Error(`${node.path || 'the app'} was given an aspect after app.synth()`);
    const priority: unknown = Object(options).priority ?? AspectPriority.DEFAULT;
    const application = { path: node.path, aspect, priority, locate: definitionSite() };
    listOn(node.root);
    listOn(this.#construct).push(application);
  }
}

function listOn(construct: Holder): AspectApplication[] {
  const known = construct[ASPECTS];
  if (known !== undefined) return known;
  const list: AspectApplication[] = [];
  Object.defineProperty(construct, ASPECTS, { value: list });
  return list;
}
