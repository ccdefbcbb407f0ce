import type { IConstruct } from 'constructs';
import { refuse } from './unenforced.ts';

/** An organisation's own rules and acknowledgements. Not enforced by this version: each call is an error at synth. */
export class Rules {
  static of(construct: IConstruct): Rules {
    return new Rules(construct);
  }

  readonly #construct: IConstruct;

  private constructor(construct: IConstruct) {
    this.#construct = construct;
  }

  add(_rule: unknown): void {
    refuse(this.#construct, 'Rules.add');
  }

  acknowledge(_acknowledgement: { readonly id: string; readonly reason: string }): void {
    refuse(this.#construct, 'Rules.acknowledge');
  }
}
