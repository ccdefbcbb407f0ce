/** What of a remote's declaration would let a refused push through. */

import { type RefUpdate, shortRef } from '../../images/sidecars/git-gate/ref-update.ts';
import type { GitRemoteEntry } from '../plan/index.ts';
import { listCode } from './route-text.ts';
import type { BottlePolicy, Opening } from './types.ts';

function allowCode({ allow }: GitRemoteEntry, also: keyof GitRemoteEntry['allow']): string {
  const flags = (['force', 'delete', 'tags'] as const).filter((flag) => allow[flag] || flag === also);
  return `allow: { ${flags.map((flag) => `${flag}: true`).join(', ')} }`;
}

/** The option of `GitRemote.ssh` by the rule that refuses. */
function optionOf(
  remote: GitRemoteEntry,
  rule: string,
  update: RefUpdate,
): { code?: string; advice: readonly string[] } {
  switch (rule) {
    case 'access':
      return { code: "access: 'push'", advice: [] };
    case 'tags':
      return { code: allowCode(remote, 'tags'), advice: [] };
    case 'delete':
      return { code: allowCode(remote, 'delete'), advice: [] };
    case 'force':
      return { code: allowCode(remote, 'force'), advice: ['or push a new branch'] };
    case 'branches':
      return {
        code: `branches: ${listCode([...(remote.branches ?? []), shortRef(update.ref)])}`,
        advice: [`or push a branch that matches ${(remote.branches ?? []).join(', ')}`],
      };
    case 'protected-paths':
      return {
        advice: [
          'let a person make this change: what these paths hold is run by the forge, outside the bottle; protectedPaths says which they are',
        ],
      };
    default:
      return { advice: ['no definition can allow it: name a branch or a tag that git takes and nobody misreads'] };
  }
}

export function gitOpening(policy: BottlePolicy, remote: GitRemoteEntry, rule: string, update: RefUpdate): Opening {
  const option = optionOf(remote, rule, update);
  const location = policy.declared.remotes[remote.name];
  return { ...option, ...(location === undefined || option.code === undefined ? {} : { location }) };
}
