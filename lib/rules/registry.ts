import { ALIAS_RULES } from './aliases.ts';
import { CHARACTER_RULES } from './characters.ts';
import { DAEMON_RULES } from './daemons.ts';
import { ENV_RULES } from './env.ts';
import { GIT_RULES } from './git.ts';
import { IMAGE_RULES } from './images.ts';
import { LIMIT_RULES } from './limits.ts';
import { LOOK_ALIKE_RULES } from './look-alikes.ts';
import { MOUNT_NESTING_RULES } from './mount-nesting.ts';
import { MOUNT_SOURCE_RULES } from './mount-sources.ts';
import { MOUNT_RULES } from './mounts.ts';
import { OVERLAP_RULES } from './overlaps.ts';
import { PROMPT_RULES } from './prompt.ts';
import { PUSH_POLICY_RULES } from './push-policy.ts';
import { QUESTION_RULES } from './questions.ts';
import { RANDOM_VALUE_RULES } from './random-values.ts';
import { ROUTE_RULES } from './routes.ts';
import type { Rule } from './rule.ts';
import { SKILL_RULES } from './skills.ts';
import { SLUG_RULES } from './slugs.ts';
import { UNUSED_RULES } from './unused.ts';
import { WORKSPACE_RULES } from './workspace.ts';

/** Rules of one concern, as the reference groups them. */
export interface RuleFamily {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** The rules over plans by family, in the order in which findings are reported. */
export const PLAN_RULE_FAMILIES: readonly RuleFamily[] = [
  { title: 'Slugs and labels', rules: SLUG_RULES },
  { title: 'Texts', rules: CHARACTER_RULES },
  { title: 'Names and aliases', rules: ALIAS_RULES },
  { title: 'Daemons, networks and trust', rules: DAEMON_RULES },
  { title: 'Routes', rules: [...ROUTE_RULES, ...OVERLAP_RULES] },
  { title: 'Names that look like others', rules: LOOK_ALIKE_RULES },
  { title: 'Git remotes and workspace', rules: [...GIT_RULES, ...PUSH_POLICY_RULES, ...WORKSPACE_RULES] },
  { title: 'Environment and secrets', rules: [...ENV_RULES, ...RANDOM_VALUE_RULES, ...QUESTION_RULES] },
  { title: 'Targets of mounts', rules: [...MOUNT_RULES, ...MOUNT_NESTING_RULES] },
  { title: 'Sources of mounts', rules: MOUNT_SOURCE_RULES },
  { title: 'Images, user and command', rules: IMAGE_RULES },
  { title: 'Skills and prompt', rules: [...SKILL_RULES, ...PROMPT_RULES] },
  { title: 'Limits', rules: LIMIT_RULES },
  { title: 'Declarations without effect', rules: UNUSED_RULES },
];

/** Every rule over plans, in the order in which findings are reported. */
export const RULES: readonly Rule[] = PLAN_RULE_FAMILIES.flatMap(({ rules }) => rules);
