/** As whom a container runs, and on what root file system. */

import { isRootUser, quoted } from '../../plan/index.ts';
import { isTrue, textOf } from '../../topology/compose-values.ts';
import type { DocumentRule } from '../document-rule.ts';
import { has, judgedServices, keyBreach, same, shownValue } from './services.ts';

export const USER_RULES: readonly DocumentRule[] = [
  {
    id: 'bottles::agent-made-root',
    severity: 'warning',
    what: 'an override that runs the agent as root',
    why: 'root without capabilities is still the owner of most files, and one flaw nearer to the host',
    fix: 'leave `user` to the image, or name another one by `agent.user`',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const user = textOf(judged.service['user']);
        // What the definition says itself is judged with the plan.
        if (!judged.isAgent || user === undefined || !isRootUser(user) || same(user, judged.plain?.['user'])) continue;
        yield keyBreach(judged, 'user', `is ${quoted(user)}; allowed without this warning: any other user`);
      }
    },
  },
  {
    id: 'bottles::sidecar-user',
    severity: 'error',
    what: 'a user, group or umask of a sidecar',
    why: 'the init starts each daemon under its own uid: under another one it cannot, and with more groups it is not alone',
    fix: 'remove it; users belong to the agent: `agent.user`',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        if (judged.isAgent) continue;
        for (const key of ['user', 'group_add', 'umask']) {
          if (!has(judged.service, key)) continue;
          yield keyBreach(judged, key, `is ${shownValue(judged.service[key])}; allowed: none`);
        }
      }
    },
  },
  {
    id: 'bottles::writable-root',
    severity: 'error',
    what: 'a sidecar whose root file system can be written, or an agent’s that only an override makes so',
    why: 'what breaks into a daemon could change its programs and stay',
    fix: 'remove it; of the agent it is `readOnlyRoot: false`, and directories to write are `mounts`',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        const { service, plain, isAgent } = judged;
        if (isTrue(service['read_only']) || (isAgent && plain !== undefined && !isTrue(plain['read_only']))) continue;
        const words = has(service, 'read_only') ? `is ${shownValue(service['read_only'])}` : 'is taken away';
        yield keyBreach(judged, 'read_only', `${words}; allowed: true`);
      }
    },
  },
];
