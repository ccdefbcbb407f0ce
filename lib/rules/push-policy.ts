/** What a remote lets the agent push beyond new commits on branches of its own. */

import { type BottlePlan, type GitRemotePlan, listed, matchesGlob, quoted } from '../plan/index.ts';
import type { Breach, Rule } from './rule.ts';

/** Usual names of the branch that an upstream builds and releases from. */
const DEFAULT_BRANCHES = ['main', 'master', 'trunk', 'develop'];

const pushed = ({ sidecars: { gitGate } }: BottlePlan): readonly GitRemotePlan[] =>
  (gitGate?.remotes ?? []).filter(({ access }) => access === 'push');

const breach = (bottle: BottlePlan, remote: GitRemotePlan, message: string): Breach => ({
  path: bottle.sidecars.gitGate?.path ?? '',
  part: remote,
  message,
});

export const PUSH_POLICY_RULES: readonly Rule[] = [
  {
    id: 'bottles::git-rewrite',
    severity: 'warning',
    what: 'a remote on which the agent may force or delete branches',
    why: 'commits of other people can be lost upstream, and a scan of what is new says nothing about that',
    fix: 'leave `allow.force` and `allow.delete` out; or limit `branches` to those of the agent, and acknowledge it',
    *check(bottle) {
      for (const remote of pushed(bottle)) {
        const allowed = (['force', 'delete'] as const).filter((what) => remote.allow[what]);
        if (allowed.length === 0) continue;
        const names = listed(allowed.map((what) => `\`${what}\``));
        yield breach(
          bottle,
          remote,
          `${names} of remote ${quoted(remote.name)} lets the agent take commits away upstream`,
        );
      }
    },
  },
  {
    id: 'bottles::git-default-branch',
    severity: 'warning',
    what: "`branches` with a pattern that takes in the usual names of an upstream's default branch",
    why: 'what lies there is built and released without a review; the default, any branch but that of HEAD, keeps the agent off it',
    fix: "name branches of the agent's own, e.g. 'agent/*', or leave `branches` out",
    *check(bottle) {
      for (const remote of pushed(bottle)) {
        for (const pattern of remote.branches ?? []) {
          const matched = DEFAULT_BRANCHES.filter((branch) => matchesGlob(pattern, branch));
          if (matched.length === 0) continue;
          yield breach(
            bottle,
            remote,
            `pattern ${quoted(pattern)} of \`branches\` of remote ${quoted(remote.name)} takes in ${listed(matched.map(quoted))}`,
          );
        }
      }
    },
  },
];
