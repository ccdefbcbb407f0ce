/** Lets the aspects of a tree visit it. */

import type { IConstruct } from 'constructs';
import { BottleError, reasonOf } from '../lib/errors.ts';
import { type Aspect, type AspectApplication, aspectsOf, hasAspects } from './aspects.ts';

/** As aws-cdk: passes over the tree, each of which may find what the one before added. */
const MOST_PASSES = 100;
/** Constructs that aspects make within each other: no blueprint is this deep. */
const MOST_LEVELS = 100;
/** Constructs that aspects make altogether. */
const MOST_MADE = 100_000;

/** An application of something that really is an aspect, with a real priority. */
export interface KnownAspect extends AspectApplication {
  readonly aspect: Aspect;
  readonly priority: number;
}

const isAspect = (value: unknown): value is Aspect =>
  typeof value === 'object' && value !== null && 'visit' in value && typeof value.visit === 'function';

const isKnown = (application: AspectApplication): application is KnownAspect =>
  isAspect(application.aspect) && typeof application.priority === 'number' && Number.isFinite(application.priority);

/** What messages call an aspect: its class, and the line that added it. */
function nameOf({ aspect, locate }: KnownAspect): string {
  const name = aspect.constructor?.name;
  const what = typeof name === 'string' && name !== '' && name !== 'Object' ? `aspect ${name}` : 'an aspect';
  const location = locate();
  return location === undefined ? what : `${what} (added at ${location.file}:${location.line})`;
}

const pathOf = ({ node }: IConstruct): string => node.path || 'the app';

function endless(aspect: KnownAspect | undefined, construct: IConstruct): BottleError {
  const who = aspect === undefined ? 'the aspects' : nameOf(aspect);
  return new BottleError(
    'synth/aspects-endless',
    `${who} made the tree grow without end, last at ${pathOf(construct)}`,
    {
      fix: 'let the aspect add a construct or an aspect only where it has not added one before',
    },
  );
}

function failed(aspect: KnownAspect, construct: IConstruct, cause: unknown): BottleError {
  const reason = reasonOf(cause);
  return new BottleError('synth/aspect-failed', `${nameOf(aspect)} failed at ${pathOf(construct)}: ${reason}`, {
    fix: 'mend the aspect; nothing was written',
    cause,
  });
}

function tooLate(aspect: KnownAspect, last: KnownAspect, construct: IConstruct): BottleError {
  const [own, other] = [
    `${nameOf(aspect)} of priority ${aspect.priority}`,
    `${nameOf(last)} of priority ${last.priority}`,
  ];
  return new BottleError('synth/aspect-too-late', `${own} was added when ${other} had visited ${pathOf(construct)}`, {
    fix: `give it a priority of at least ${last.priority}, or add it before the app is synthesized`,
  });
}

/** What the aspects of a tree have visited, and what they made of it. */
class Visit {
  readonly #visited = new Map<IConstruct, KnownAspect[]>();
  readonly #known = new Set<IConstruct>();
  #made = 0;
  #last: KnownAspect | undefined;

  /** Until nothing is left that an aspect has not visited. */
  all(root: IConstruct): void {
    for (const construct of root.node.findAll()) this.#known.add(construct);
    for (let passes = 0; this.#pass(root); passes += 1) {
      if (passes === MOST_PASSES) throw endless(this.#last, root);
    }
  }

  /** Visits what no aspect has visited yet; whether there was any. */
  #pass(root: IConstruct): boolean {
    let visited = false;
    const open: { construct: IConstruct; inherited: readonly KnownAspect[]; level: number }[] = [
      { construct: root, inherited: [], level: 0 },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { construct } = next;
      const level = this.#known.has(construct) ? 0 : next.level + 1;
      this.#count(construct, level);
      visited = this.#visitAll(construct, next.inherited) || visited;
      const inherited = this.#here(construct, next.inherited);
      // Last in, first out: reversed, the children come in their order, each with all that is below it.
      for (const child of construct.node.children.reverse()) open.push({ construct: child, inherited, level });
    }
    return visited;
  }

  #count(construct: IConstruct, level: number): void {
    if (level === 0 || this.#visited.has(construct)) return;
    this.#made += 1;
    if (level > MOST_LEVELS || this.#made > MOST_MADE) throw endless(this.#last, construct);
  }

  /** Inherited aspects and those of the construct itself, by priority. */
  #here(construct: IConstruct, inherited: readonly KnownAspect[]): readonly KnownAspect[] {
    const own = aspectsOf(construct).filter(isKnown);
    return own.length === 0 ? inherited : [...inherited, ...own].sort((a, b) => a.priority - b.priority);
  }

  #visitAll(construct: IConstruct, inherited: readonly KnownAspect[]): boolean {
    const done = this.#visited.get(construct) ?? [];
    this.#visited.set(construct, done);
    const before = done.length;
    const most = before + this.#here(construct, inherited).length + MOST_PASSES;
    // Asked anew after each visit, which may have added an aspect to this very construct.
    const next = (): KnownAspect | undefined =>
      this.#here(construct, inherited).find(({ aspect }) => !done.some((one) => one.aspect === aspect));
    for (let application = next(); application !== undefined; application = next()) {
      const last = done.at(-1);
      if (last !== undefined && last.priority > application.priority) throw tooLate(application, last, construct);
      if (done.length > most) throw endless(application, construct);
      done.push(application);
      this.#last = application;
      this.#call(application, construct);
    }
    return done.length > before;
  }

  #call(application: KnownAspect, construct: IConstruct): void {
    let result: unknown;
    try {
      result = application.aspect.visit(construct);
    } catch (cause) {
      throw failed(application, construct, cause);
    }
    // What it did after the tree is lowered would be lost.
    if (result instanceof Promise) throw failed(application, construct, new Error('visit is asynchronous'));
  }
}

const VISIT = Symbol.for('claude-bottle.aspects-visit');

/**
 * Lets every aspect visit its scope and all below it, parents before children, by priority, each construct once, however
 * often this is called. Throws a `BottleError` for an aspect that throws, for one that was added too late for its
 * priority, and for a tree that grows without end.
 */
export function visitAspects(root: IConstruct & { [VISIT]?: Visit }): void {
  if (!hasAspects(root)) return;
  const visit = root[VISIT] ?? new Visit();
  Object.defineProperty(root, VISIT, { value: visit, configurable: true });
  visit.all(root);
}

/** Values that were added as aspects and are none, or have a priority that is no number. */
export const misfitAspects = (construct: IConstruct): readonly AspectApplication[] =>
  aspectsOf(construct).filter((application) => !isKnown(application));
