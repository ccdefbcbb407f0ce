/** What bind mounts come from. Spelling alone decides here; deploy judges the real paths again. */

import { type ProjectView, quoted } from '../plan/index.ts';
import { bindsOf, type DeclaredBind } from './binds.ts';
import { overlap } from './container-paths.ts';
import { forbiddenSource } from './host-paths.ts';
import { mountBreach } from './mounts.ts';
import { placeOf, projectProblem } from './project-paths.ts';
import type { Rule, WritableBind } from './rule.ts';

/** How messages speak of a source. */
const shownSource = ({ mount, service, workspace }: DeclaredBind): string =>
  workspace === undefined
    ? `mount source ${quoted(mount.source)} of ${service}`
    : `workspace ${quoted(mount.source)} of ${service}`;

/** Whether two paths of the host are one, or one contains the other. */
const sameTree = (a: string, b: string, project: ProjectView): boolean =>
  overlap(placeOf(a, project), placeOf(b, project));

const shownBind = ({ mount, service, slug }: WritableBind): string =>
  `${quoted(mount.source)}, which ${service} of ${quoted(slug)} can write to`;

/** What is wrong with how a host path is written, or undefined. */
export function spellingProblem(path: string): string | undefined {
  if (path.trim() === '') return 'is empty; allowed: a path';
  if (path.includes('-----BEGIN')) return 'is the content of a file; allowed: its path';
  if (path.includes('$')) return 'has a dollar sign; allowed: the path itself, variables are not expanded';
  if (/\p{Cc}/u.test(path)) return 'has a control character; allowed: a path';
  if (/[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(path))
    return 'has a character that cannot be seen; allowed: a path that reads as what it is';
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
      for (const declared of bindsOf(bottle)) {
        const problem = spellingProblem(declared.mount.source);
        if (problem !== undefined) yield mountBreach(declared, `${shownSource(declared)} ${problem}`);
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
      for (const declared of bindsOf(bottle)) {
        const { mount } = declared;
        const problem = forbiddenSource(mount.source, !mount.readOnly);
        if (problem === undefined) continue;
        yield mountBreach(
          declared,
          `${shownSource(declared)} ${problem}; allowed: directories that hold no such thing`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-project',
    severity: 'error',
    what: 'a parent of the project, or, to write to, the project itself or what of it runs on the host',
    why: 'the definition runs on the host: who can write it is out of the bottle at the next synth',
    fix: 'mount a folder of its own that holds no code of the project, e.g. work, or use Workspace.clone',
    *check(bottle, { project, code }) {
      for (const declared of bindsOf(bottle)) {
        const { mount } = declared;
        const problem = projectProblem(mount.source, !mount.readOnly, project, code);
        if (problem === undefined) continue;
        yield mountBreach(
          declared,
          `${shownSource(declared)} ${problem}; allowed: directories of data in the project or beside it`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-nested',
    severity: 'error',
    what: 'a source that is, or lies in, the source of another mount of the app that is writable',
    why: 'who can write the outer one can put a link in place of the inner one, which the engine follows on the host',
    fix: 'mount the outer one alone, or keep the two apart',
    *check(bottle, { writable, project }) {
      for (const declared of bindsOf(bottle)) {
        const { source } = declared.mount;
        const outer = writable
          .containing(placeOf(source, project))
          .find(({ part }) => part !== (declared.workspace ?? declared.mount));
        if (outer === undefined) continue;
        yield mountBreach(
          declared,
          `${shownSource(declared)} is or lies in ${shownBind(outer)}; allowed: sources outside of it`,
        );
      }
    },
  },
  {
    id: 'bottles::mount-build-context',
    severity: 'error',
    what: 'a build context of an image that is, contains or lies in a writable mount of the app',
    why: 'who can write it decides what the next deploy builds and runs',
    fix: 'build from a directory that nothing in a bottle can write to',
    *check({ agent, sidecars }, { writable, project }) {
      for (const { path, image } of [agent, sidecars]) {
        if (image.kind !== 'build') continue;
        const [shared] = writable.touching(placeOf(image.context, project));
        if (shared === undefined) continue;
        const context = `the build context ${quoted(image.context)}`;
        yield {
          path,
          part: image,
          message: `${context} and ${shownBind(shared)}, are one or contain each other; allowed: contexts apart from it`,
        };
      }
    },
  },
  {
    id: 'bottles::mount-key',
    severity: 'error',
    what: 'a mount that contains a private key of the app, or, to write to, a file of `trustedCAs`',
    why: 'the keys of git remotes are for git-gate alone, and who can write a CA file is trusted by both proxies',
    fix: 'keep identity files out of mounted directories, and CA files out of writable ones',
    *check(bottle, { project, keys, writable }) {
      for (const declared of bindsOf(bottle)) {
        const { mount } = declared;
        const [key] = keys.touching(placeOf(mount.source, project));
        if (key === undefined) continue;
        yield mountBreach(
          declared,
          `${shownSource(declared)} is or contains the identity file of remote ${quoted(key.remote)}; allowed: directories without it`,
        );
      }
      const { path, trustedCAs } = bottle.sidecars;
      for (const [index, file] of trustedCAs.entries()) {
        const [writer] = writable.containing(placeOf(file, project));
        if (writer === undefined || file.includes('-----BEGIN')) continue;
        yield {
          path,
          part: bottle.sidecars,
          message: `trustedCAs[${index}] ${quoted(file)} is or lies in ${shownBind(writer)}; allowed: files outside of it`,
        };
      }
    },
  },
  {
    id: 'bottles::mount-shared-source',
    severity: 'error',
    what: 'one directory of the host in both the agent and the bundle, writable in one',
    why: 'the agent could hand files to the daemons that contain it',
    fix: 'mount it into one of them, or read-only into both',
    *check(bottle, { project }) {
      const binds = bindsOf(bottle);
      const agents = binds.filter(({ service }) => service === 'the agent');
      for (const declared of binds.filter(({ service }) => service === 'the bundle')) {
        const shared = agents.find(
          ({ mount }) =>
            sameTree(mount.source, declared.mount.source, project) && !(mount.readOnly && declared.mount.readOnly),
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
