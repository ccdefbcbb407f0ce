/** Git remotes and the workspace. */

import { type BottlePlan, type GitRemotePlan, listed, parseGitSshUrl, quoted } from '../plan/index.ts';
import { hostProblem } from './hosts.ts';
import { knownHostKeyProblem } from './known-host-key.ts';
import { spellingProblem } from './mount-sources.ts';
import type { Breach, Rule } from './rule.ts';

interface Declared {
  readonly path: string;
  readonly remote: GitRemotePlan;
}

const remotesOf = ({ sidecars: { gitGate } }: BottlePlan): readonly Declared[] =>
  (gitGate?.remotes ?? []).map((remote) => ({ path: gitGate?.path ?? '', remote }));

const breach = ({ path, remote }: Declared, message: string): Breach => ({ path, part: remote, message });

/** One safe path segment; it becomes a directory, a key file and part of a URL. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9_-])?$/;

const nameProblem = (name: string): boolean =>
  !NAME.test(name) || name.includes('..') || /\.(?:git|lock|key)$/i.test(name);

/** What is wrong with a remote's URL, or undefined. Never repeats a password. */
function urlProblem(url: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/@]*:[^/@]*@/i.test(url))
    return 'has a password; allowed: none, the identity file is the credential';
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
  if (scheme !== undefined && scheme !== 'ssh')
    return `has the scheme ${quoted(scheme)}; allowed: ssh://user@host[:port]/path, or user@host:path`;
  if (/^[a-z0-9+.-]+::/i.test(url))
    return 'runs a remote helper; allowed: ssh://user@host[:port]/path, or user@host:path';
  const parts = parseGitSshUrl(url);
  if (parts === undefined) return 'is malformed; allowed: ssh://user@host[:port]/path, or user@host:path';
  if (parts.user.startsWith('-') || parts.host.startsWith('-') || parts.path.startsWith('-')) {
    return 'has a part that ssh or git would read as an option; allowed: parts that do not begin with a hyphen';
  }
  if (/[\\'"`$;&|<>*?\p{Cc}]/u.test(parts.path))
    return 'has a path with a character of the shell; allowed: letters, digits and plain punctuation';
  if (parts.path.split('/').includes('..')) return "has '..' in its path; allowed: the path that it stands for";
  const problem = hostProblem(parts.host, true);
  return problem === undefined ? undefined : `has a host that ${problem}`;
}

const isBadPattern = (pattern: string): boolean =>
  pattern.split('/').some((segment) => ['', '.', '..'].includes(segment)) || /[\\!\p{Cc}]/u.test(pattern);

const canonicalUrl = (url: string): string => {
  const parts = parseGitSshUrl(url);
  if (parts === undefined) return url;
  const path = parts.path.replace(/^\/+/, '').replace(/(?:\.git)?\/*$/, '');
  return `${parts.user}@${parts.host}:${parts.port}/${path}`;
};

export const GIT_RULES: readonly Rule[] = [
  {
    id: 'bottles::git-name',
    severity: 'error',
    what: 'a remote whose name is not one safe path segment',
    why: 'it names a directory, a key file and a part of the URL that the agent clones',
    fix: "write e.g. 'app'; '.git' is added by git-gate",
    *check(bottle) {
      for (const declared of remotesOf(bottle)) {
        const { name } = declared.remote;
        if (!nameProblem(name)) continue;
        yield breach(
          declared,
          `remote name ${quoted(name)}; allowed: letters, digits, '.', '_' and '-', at most 63 characters, not ending in .git, .lock or .key`,
        );
      }
    },
  },
  {
    id: 'bottles::git-name-unique',
    severity: 'error',
    what: 'two remotes of one name, letter case aside',
    why: 'they would share a mirror and a key',
    fix: 'rename one of them',
    *check(bottle) {
      const names = new Set<string>();
      for (const declared of remotesOf(bottle)) {
        const name = declared.remote.name.toLowerCase();
        if (names.has(name))
          yield breach(
            declared,
            `a second remote ${quoted(declared.remote.name)}; allowed: one remote of a name, in any letter case`,
          );
        names.add(name);
      }
    },
  },
  {
    id: 'bottles::git-url',
    severity: 'error',
    what: 'a remote whose URL is not of one of the two SSH forms, or holds a password',
    why: 'git-gate forwards over SSH with a key and a known host key, and nothing else',
    fix: "write 'ssh://git@git.example.com/team/app.git' or 'git@git.example.com:team/app.git'",
    *check(bottle) {
      for (const declared of remotesOf(bottle)) {
        const { url, name } = declared.remote;
        const problem = url === '' ? undefined : urlProblem(url);
        if (problem !== undefined)
          yield breach(declared, `the URL ${quoted(url)} of remote ${quoted(name)} ${problem}`);
      }
    },
  },
  {
    id: 'bottles::git-url-unique',
    severity: 'error',
    what: 'two remotes of one repository',
    why: "the agent's git rewrites the upstream's URL to one of them, and their policies may differ",
    fix: 'make one remote of them',
    *check(bottle) {
      const urls = new Map<string, string>();
      for (const declared of remotesOf(bottle)) {
        const { url, name } = declared.remote;
        if (url === '') continue;
        const first = urls.get(canonicalUrl(url));
        if (first !== undefined && first !== name) {
          yield breach(
            declared,
            `remote ${quoted(name)} is the same repository as remote ${quoted(first)}; allowed: one remote a repository`,
          );
        }
        urls.set(canonicalUrl(url), first ?? name);
      }
    },
  },
  {
    id: 'bottles::git-known-host-key',
    severity: 'error',
    what: 'a host key that is malformed, or not of the type that it says',
    why: 'a key is never trusted on first use, so one that cannot match stops every fetch and push',
    fix: 'copy type and key of a line of ssh-keyscan, after comparing its fingerprint with the one that the host publishes',
    *check(bottle) {
      for (const declared of remotesOf(bottle)) {
        const { knownHostKey, name } = declared.remote;
        const problem = knownHostKey === '' ? undefined : knownHostKeyProblem(knownHostKey);
        if (problem !== undefined) yield breach(declared, `\`knownHostKey\` of remote ${quoted(name)} ${problem}`);
      }
    },
  },
  {
    id: 'bottles::git-identity-file',
    severity: 'error',
    what: 'an identity file that is no path of a private key',
    why: 'deploy copies it for git-gate',
    fix: "write the path of the private key, e.g. '~/.ssh/id_ed25519'",
    *check(bottle) {
      for (const declared of remotesOf(bottle)) {
        const { identityFile, name } = declared.remote;
        if (identityFile === '') continue;
        const content = identityFile.includes('PRIVATE KEY') || identityFile.includes('\n');
        const problem = content
          ? 'is the content of a key; allowed: its path'
          : identityFile.endsWith('.pub')
            ? 'is a public key; allowed: the private one'
            : spellingProblem(identityFile);
        if (problem === undefined) continue;
        const shown = content ? '' : ` ${quoted(identityFile)}`;
        yield breach(declared, `\`identityFile\`${shown} of remote ${quoted(name)} ${problem}`);
      }
    },
  },
  {
    id: 'bottles::git-patterns',
    severity: 'error',
    what: 'a protected path or a branch that is no pattern of names in the repository',
    why: 'it would protect nothing, or allow nothing',
    fix: "write e.g. '.github/workflows/**', or 'agent/*'",
    *check(bottle) {
      for (const declared of remotesOf(bottle)) {
        const { name, protectedPaths, branches } = declared.remote;
        if (branches?.length === 0) {
          yield breach(
            declared,
            `\`branches\` of remote ${quoted(name)} is empty; allowed: one pattern at least, or \`access: 'read'\``,
          );
        }
        for (const pattern of [...protectedPaths, ...(branches ?? [])]) {
          if (!isBadPattern(pattern)) continue;
          yield breach(
            declared,
            `pattern ${quoted(pattern)} of remote ${quoted(name)}; allowed: segments with '*' and '?', and '**', without empty or dot segments`,
          );
        }
      }
    },
  },
  {
    id: 'bottles::git-unprotected',
    severity: 'warning',
    what: 'a remote that the agent may push to, without any protected path',
    why: 'a push that changes a CI definition runs commands outside the bottle, with the secrets of the repository',
    fix: 'leave `protectedPaths` out for the default, or name the files that your CI runs',
    *check(bottle) {
      for (const declared of remotesOf(bottle)) {
        const { access, protectedPaths, name } = declared.remote;
        if (access === 'push' && protectedPaths.length === 0)
          yield breach(declared, `remote ${quoted(name)} may be pushed to and protects no path`);
      }
    },
  },
  {
    id: 'bottles::workspace-remote',
    severity: 'error',
    what: 'a workspace of a remote that is not declared',
    why: 'there is nothing to clone',
    fix: 'declare the remote in `gitGate.remotes`, or name one that is declared',
    *check({ agent, sidecars }) {
      const { workspace } = agent;
      const names = (sidecars.gitGate?.remotes ?? []).map(({ name }) => name);
      if (workspace?.kind !== 'clone' || names.includes(workspace.remote)) return;
      yield {
        path: agent.path,
        part: workspace,
        message: `the workspace clones remote ${quoted(workspace.remote)}, which is not declared; declared: ${names.length === 0 ? 'none' : listed(names.map(quoted))}`,
      };
    },
  },
];
