import type { DocumentRule } from '../document-rule.ts';
import { ENVIRONMENT_RULES } from './environment.ts';
import { IDENTITY_RULES } from './identity.ts';
import { KEY_RULES } from './keys.ts';
import { DOCUMENT_LIMIT_RULES } from './limits.ts';
import { DOCUMENT_MOUNT_RULES } from './mounts.ts';
import { OVERRIDE_RULES } from './overrides.ts';
import { PRIVILEGE_RULES } from './privileges.ts';
import { REACH_RULES } from './reach.ts';
import { SCHEMA_RULES } from './schema/compose-schema.ts';
import { USER_RULES } from './users.ts';

/** Every rule over the rendered documents, in the order in which findings are reported. */
export const DOCUMENT_RULES: readonly DocumentRule[] = [
  ...OVERRIDE_RULES,
  ...REACH_RULES,
  ...PRIVILEGE_RULES,
  ...USER_RULES,
  ...IDENTITY_RULES,
  ...ENVIRONMENT_RULES,
  ...DOCUMENT_MOUNT_RULES,
  ...DOCUMENT_LIMIT_RULES,
  ...KEY_RULES,
  ...SCHEMA_RULES,
];
