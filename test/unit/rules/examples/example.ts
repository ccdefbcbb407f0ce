/**
 * A definition that breaks a rule and the same one mended, as the rule's page shows them: statements in which `app` is
 * an `App` and everything that `claude-bottle` exports is in scope.
 */
export interface RuleExample {
  readonly failing: string;
  readonly mended: string;
}
