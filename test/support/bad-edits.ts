/**
 * Edits of a compose file that open, weaken or break a bottle, each with the rule that has to say so. They are written
 * as an override is: a change of one service. Unit and property tests share the list.
 */

import { BAD_AGENT_EDITS } from './bad-agent-edits.ts';
import type { BadEdit } from './bad-edit.ts';
import { BAD_SHARED_EDITS } from './bad-shared-edits.ts';
import { BAD_SIDECAR_EDITS } from './bad-sidecar-edits.ts';

export type { BadEdit } from './bad-edit.ts';

export const BAD_EDITS: readonly BadEdit[] = [...BAD_SHARED_EDITS, ...BAD_AGENT_EDITS, ...BAD_SIDECAR_EDITS];
