/** What bind mounts come from. Spelling alone decides here; deploy judges the real paths again. */

import { quoted } from '../plan/index.ts';
import { forbiddenSource, relativePlace, relativeSegments, sameTree } from './host-paths.ts';
import { mountBreach, mountsOf } from './mounts.ts';
import type { Rule } from './rule.ts';

const isRelative = (source: string): boolean => !source.startsWith('/') && !source.startsWith('~');

/** What of a project is run on the host, or decides what is: the definition, its packages, settings and hooks. */
const RUN_ON_HOST =
  /^(?:bin|node_modules|dist|build|\.git|\.github|\.husky|\.vscode|\.idea|\.npmrc|\.yarnrc\.yml|\.yarn|cdk\.json|claude-bottle\.lock|package(?:-lock)?\.json|pnpm-[a-z]+\.yaml|yarn\.lock|tsconfig[^/]*\.json|makefile|[^/]*\.[cm]?[jt]s)$/i;

/** Why a relative source is too much of the project, or undefined. */
function projectProblem(source: string, writable: boolean): string | undefined {
  const place = relativePlace(source);
  if (place === 'parent') return 'contains the project';
  if (!writable) return undefined;
  if (place === 'project') return 'is the project, writable';
  const [first = ''] = relativeSegments(source);
  return place === 'inside' && RUN_ON_HOST.test(first)
    ? 'is run on the host, or decides what is, and is writable'
    : undefined;
}

/** What is wrong with how a host path is written, or undefined. */
export function spellingProblem(path: string): string | undefined {
  if (path.trim() === '') return 'is empty; allowed: a path';
  if (path.includes('-----BEGIN')) return 'is the content of a file; allowed: its path';
  if (path.includes('$')) return 'has a dollar sign; allowed: the path itself, variables are not expanded';
  if (/\p{Cc}/u.test(path)) return 'has a control character; allowed: a path';
  if (/^[a-z]:[\\/]|\\/i.test(path)) return 'has a backslash or a drive letter; allowed: a path with slashes';
  if (/^~[^/]/.test(path)) return "names another user's home; allowed: a path below '~/', absolute, or relative";
  const absolute = path.startsWith('/') || path.startsWith('~');
  // Behind a symbolic link `..` is not the parent that the spelling shows.
  if (absolute && path.split('/').includes('..')) return "has '..'; allowed: the path that it stands for";
  return undefined;
}

export const MOUNT_SOURCE_RULES: readonly Rule[] = [
  {
    id: 'bottles::mount-source-spelling',
    severity: 'error',
    what: 'a source that does not say plainly which path it is',
    why: 'variables are not expanded, and a path through `..` may lead elsewhere than it seems to',
    fix: 'write an absolute path, a path below ~/, or one relative to the project',
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        if (declared.mount.kind !== 'bind') continue;
        const problem = spellingProblem(declared.mount.source);
        if (problem !== undefined)
          yield mountBreach(declared, `mount source ${quoted(declared.mount.source)} ${problem}`);
      }
    },
  },
  {
    id: 'bottles::mount-source-forbidden',
    severity: 'error',
    what: 'the container runtime, the root, the system, a home or a folder of credentials in a container, however it is spelled',
    why: 'with any of these the agent is out of the bottle',
    fix: 'mount only the directory that is needed, or copy it into the project',
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        const { mount, service } = declared;
        if (mount.kind !== 'bind') continue;
        const problem = forbiddenSource(mount.source, !mount.readOnly);
        if (problem === undefined) continue;
        yield mountBreach(
          declared,
          `mount source ${quoted(mount.source)} of ${service} ${problem}; allowed: directories that hold no such thing`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-project',
    severity: 'error',
    what: 'a parent of the project, or, to write to, the project itself or what of it runs on the host',
    why: 'the definition runs on the host: who can write it is out of the bottle at the next synth',
    fix: 'mount a directory below the project, or use Workspace.clone',
    *check(bottle) {
      for (const declared of mountsOf(bottle)) {
        const { mount } = declared;
        if (mount.kind !== 'bind' || !isRelative(mount.source)) continue;
        const problem = projectProblem(mount.source, !mount.readOnly);
        if (problem === undefined) continue;
        yield mountBreach(
          declared,
          `mount source ${quoted(mount.source)} ${problem}; allowed: directories of data in the project or beside it`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-key',
    severity: 'error',
    what: 'a mount that contains a private key or CA file of the definition',
    why: 'the keys of git remotes are for git-gate alone',
    fix: 'keep identity files out of mounted directories',
    *check(bottle) {
      const { gitGate } = bottle.sidecars;
      for (const declared of mountsOf(bottle)) {
        const { mount, service } = declared;
        if (mount.kind !== 'bind') continue;
        const remote = gitGate?.remotes.find(
          ({ identityFile }) => identityFile !== '' && sameTree(mount.source, identityFile),
        );
        if (remote === undefined) continue;
        yield mountBreach(
          declared,
          `mount source ${quoted(mount.source)} of ${service} is or contains the identity file of remote ${quoted(remote.name)}; allowed: directories without it`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-shared-source',
    severity: 'error',
    what: 'one directory of the host in both the agent and the bundle, writable in one',
    why: 'the agent could hand files to the daemons that contain it',
    fix: 'mount it into one of them, or read-only into both',
    *check(bottle) {
      const binds = mountsOf(bottle).flatMap((declared) =>
        declared.mount.kind === 'bind' ? [{ ...declared, mount: declared.mount }] : [],
      );
      const agents = binds.filter(({ service }) => service === 'the agent');
      for (const declared of binds.filter(({ service }) => service === 'the bundle')) {
        const shared = agents.find(
          ({ mount }) => sameTree(mount.source, declared.mount.source) && !(mount.readOnly && declared.mount.readOnly),
        );
        if (shared === undefined) continue;
        yield mountBreach(
          declared,
          `mount source ${quoted(declared.mount.source)} is in the bundle and, as ${quoted(shared.mount.source)}, in the agent, and writable; allowed: one of them`,
        );
      }
    },
  },
];
