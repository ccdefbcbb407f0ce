import type { IConstruct } from 'constructs';
import { refuse } from './unenforced.ts';

/** Visits every construct below the one it was added to. */
export interface Aspect {
  visit(node: IConstruct): void;
}

/** Changes to a whole tree. Not enforced by this version: `add` is an error at synth. */
export class Aspects {
  static of(construct: IConstruct): Aspects {
    return new Aspects(construct);
  }

  readonly #construct: IConstruct;

  private constructor(construct: IConstruct) {
    this.#construct = construct;
  }

  add(_aspect: Aspect): void {
    refuse(this.#construct, 'Aspects');
  }
}
