/**
 * Edits of a definition that open, weaken or break a bottle, each with the rule that has to say so and the construct
 * that it has to say it of. They are edits of any valid app.
 */

import { BAD_AGENT_DEFINITIONS } from './bad-agent-definitions.ts';
import { BAD_BOTTLE_DEFINITIONS } from './bad-bottle-definitions.ts';
import type { BadDefinition } from './bad-definition.ts';

export type { BadDefinition } from './bad-definition.ts';

export const BAD_DEFINITIONS: readonly BadDefinition[] = [...BAD_AGENT_DEFINITIONS, ...BAD_BOTTLE_DEFINITIONS];
