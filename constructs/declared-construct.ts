import { Construct, type IMixin } from 'constructs';
import type { DeclaredAddition, Locate } from '../lib/plan/index.ts';
import { definitionSite } from './definition-site.ts';
import { frozen } from './frozen.ts';

/** What a construct cannot be made without, said in this package's words instead of those of a failed access. */
function requireScope(scope: unknown, name: string): void {
  if (!Construct.isConstruct(scope)) {
    throw new TypeError(
      `new ${name}(scope, id, props) has no scope; give the App, or the construct that it belongs to`,
    );
  }
  if (scope.node.locked) {
    throw new Error(`new ${name}(…) comes after app.synth(); declare everything before it, and call it last`);
  }
}

/** A child id of `scope` that is free: two constructs of one id become a finding at synth, not an exception here. */
function freeId(scope: Construct, id: unknown): string {
  const wanted = typeof id === 'string' && id !== '' ? id : 'unnamed';
  let free = wanted;
  // `constructs` keeps children in a plain object, and takes what every object has for a child.
  const isTaken = () => free in Object.prototype || scope.node.tryFindChild(free) !== undefined;
  for (let number = 2; isTaken(); number += 1) free = `${wanted}#${number}`;
  return free;
}

/** A construct that keeps what it was given and where; lowering judges it. */
export abstract class DeclaredNode extends Construct {
  /** The id as given; the node's own differs where the id was taken. */
  readonly declaredId: unknown;
  /** @internal */
  readonly props: unknown;
  /** @internal */
  readonly locate: Locate;
  #makesParts = false;

  constructor(scope: Construct, id: string, props: unknown) {
    requireScope(scope, new.target.name);
    super(scope, freeId(scope, id));
    this.declaredId = id;
    this.props = frozen(props);
    this.locate = scope instanceof DeclaredNode && scope.#makesParts ? scope.locate : definitionSite(new.target);
  }

  /** Applies mixins to this construct and to all below it, in order. */
  override with(...mixins: IMixin[]): this {
    super.with(...mixins);
    return this;
  }

  /** Declares what this construct's own props ask for: those parts are where the construct is. */
  protected makeParts(make: () => void): void {
    this.#makesParts = true;
    make();
    this.#makesParts = false;
  }

  /** What `value` adds to the construct. Throws once the app has been synthesized: it would have no effect. */
  protected addition(value: unknown): DeclaredAddition {
    if (this.node.locked)
      throw new Error(`${this.node.path} was changed after app.synth(), which has to be the last call`);
    return { value: frozen(value), locate: definitionSite() };
  }
}

/** `props` as an object whose members may be read, whatever it is. */
export function readable<T extends object>(props: T): Partial<T> {
  return typeof props === 'object' && props !== null ? props : {};
}
