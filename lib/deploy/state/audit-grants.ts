/** What a deploy did to live grants, for the audit log: only what it ended, or what had waited for it. */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digestsOf, LIVE_FILE, livePolicy, operatorName } from '../../operate/apply/index.ts';
import { appendAudit } from '../../operate/audit/index.ts';
import { difference, type PolicyTexts, slotOf, type Tokens } from '../../operate/grants/index.ts';
import type { LiveGrants } from './live-grants.ts';

/** The policy that lies in `stateDir`; undefined before the first deploy. */
export const policyNow = (stateDir: string): PolicyTexts | undefined =>
  existsSync(join(stateDir, LIVE_FILE.pipelock)) ? livePolicy(stateDir) : undefined;

/** Records it; `before` and `oldTokens` are the bottle's as it was. The caller holds the lock, and the bottle runs. */
export function auditGrants(
  stateDir: string,
  { kept, dropped, forgotten }: LiveGrants,
  before: PolicyTexts | undefined,
  tokens: { readonly old: Tokens; readonly now: Tokens },
): void {
  const waited = kept.filter(
    (grant) => grant.kind === 'open' && grant.auth !== undefined && slotOf(tokens.old, grant.auth.from) === undefined,
  );
  const removed = [...dropped.map(({ grant }) => grant), ...forgotten];
  if (removed.length + waited.length === 0) return;
  const after = livePolicy(stateDir);
  const { opens, closes } = difference(before ?? after, after, tokens.now);
  const reasons = dropped.map(({ grant, why }) => `${grant.host} ${why}`);
  appendAudit(stateDir, {
    kind: 'change',
    change: randomUUID(),
    who: operatorName(),
    why: [forgotten.length > 0 ? 'bottle deploy --reset' : 'bottle deploy', ...reasons].join('; '),
    origin: 'deploy',
    outcome: 'applied',
    opens: [...opens],
    closes: [...closes],
    deferred: [],
    before: { ...digestsOf(before ?? after) },
    after: { ...digestsOf(after) },
    grants: { added: waited, removed },
  });
}
