/**
 * What the page of a rule shows: a definition that breaks it and the same one mended, as statements in which `app` is
 * an `App` (unless they declare it themselves) and everything that `claude-bottle` exports is in scope.
 *
 * A rule that no definition can break, because it watches over synth itself, has the reason instead.
 */
export type RuleExample =
  | {
      readonly failing: string;
      readonly mended: string;
    }
  | { readonly unbreakable: string };

/** The examples of a family, by the id of their rule. Each file of this folder exports one or more of these. */
export type RuleExamples = Readonly<Record<string, RuleExample>>;
