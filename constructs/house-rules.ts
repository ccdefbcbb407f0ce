import type { IConstruct } from 'constructs';
import type { Acknowledgement, DeclaredHouse, DeclaredHouseCall, HouseRule, Locate } from '../lib/plan/index.ts';
import { definitionSite } from './definition-site.ts';
import { frozen } from './frozen.ts';

const RULE = 'claude-bottle:house-rule';
const ACKNOWLEDGEMENT = 'claude-bottle:acknowledgement';

/** What an organisation demands of bottles beyond the rules of this package, and what it accepts of their warnings. */
export class Rules {
  /** Those that hold for every bottle and construct at or below `construct`. */
  static of(construct: IConstruct): Rules {
    return new Rules(construct);
  }

  readonly #construct: IConstruct;

  private constructor(construct: IConstruct) {
    this.#construct = construct;
  }

  /**
   * Asks `rule` about every bottle at or below the scope, after rendering. One rule may be added at several scopes; two
   * of one id are an error at synth.
   */
  add(rule: HouseRule): void {
    this.#note(RULE, rule);
  }

  /**
   * Keeps a warning in the report, with the reason, and no longer counts it. Errors cannot be acknowledged; that, and
   * an id that no rule has, are errors at synth.
   */
  acknowledge(acknowledgement: Acknowledgement): void {
    this.#note(ACKNOWLEDGEMENT, frozen(acknowledgement));
  }

  #note(type: string, given: unknown): void {
    const { node } = this.#construct;
    if (node.locked) throw new Error(`${node.path || 'the app'} was given a rule after app.synth()`);
    node.addMetadata(type, { given, locate: definitionSite() });
  }
}

const callsOf = ({ node }: IConstruct, wanted: string): readonly DeclaredHouseCall[] =>
  node.metadata
    .filter(({ type }) => type === wanted)
    .map(({ data }) => ({ path: node.path, ...(data as { readonly given: unknown; readonly locate: Locate }) }));

/** What was noted on `constructs`, in their order. */
export const declaredHouse = (constructs: readonly IConstruct[]): DeclaredHouse => ({
  rules: constructs.flatMap((construct) => callsOf(construct, RULE)),
  acknowledgements: constructs.flatMap((construct) => callsOf(construct, ACKNOWLEDGEMENT)),
});
