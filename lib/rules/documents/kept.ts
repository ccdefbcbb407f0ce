/** Rules over keys that an override may not touch: what they say, the bottle rests on. */

import type { DocumentRule } from '../document-rule.ts';
import { changedServices, keyBreach, same, shownValue } from './services.ts';

/** The keys that are kept, each with what to do instead of overriding it. */
export interface KeptKeys {
  readonly agent: Readonly<Record<string, string>>;
  readonly sidecars: Readonly<Record<string, string>>;
}

/** What to do about one kept key wherever it is. */
export const everywhere = (fixes: Readonly<Record<string, string>>): KeptKeys => ({ agent: fixes, sidecars: fixes });

/** A rule that wants the `keys` of each service as synth writes them. */
export const keptRule = (rule: Omit<DocumentRule, 'severity' | 'check'>, keys: KeptKeys): DocumentRule => ({
  ...rule,
  severity: 'error',
  *check(bottle) {
    for (const judged of changedServices(bottle)) {
      const { isAgent, service, plain } = judged;
      for (const [key, fix] of Object.entries(isAgent ? keys.agent : keys.sidecars)) {
        if (same(service[key], plain[key])) continue;
        const now = service[key] === undefined ? 'is taken away' : `is changed to ${shownValue(service[key])}`;
        const was = plain[key] === undefined ? 'none' : 'what synth writes';
        yield keyBreach(judged, key, `${now}; allowed: ${was}`, fix);
      }
    }
  },
});
