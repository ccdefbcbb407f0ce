import { ALIAS_RULES } from './aliases.ts';
import { DAEMON_RULES } from './daemons.ts';
import { ENV_RULES } from './env.ts';
import { GIT_RULES } from './git.ts';
import { IMAGE_RULES } from './images.ts';
import { LIMIT_RULES } from './limits.ts';
import { MOUNT_SOURCE_RULES } from './mount-sources.ts';
import { MOUNT_RULES } from './mounts.ts';
import { ROUTE_RULES } from './routes.ts';
import type { Rule } from './rule.ts';
import { SLUG_RULES } from './slugs.ts';

/** Every rule, in the order in which findings are reported. */
export const RULES: readonly Rule[] = [
  ...SLUG_RULES,
  ...ALIAS_RULES,
  ...DAEMON_RULES,
  ...ROUTE_RULES,
  ...GIT_RULES,
  ...ENV_RULES,
  ...MOUNT_RULES,
  ...MOUNT_SOURCE_RULES,
  ...IMAGE_RULES,
  ...LIMIT_RULES,
];
