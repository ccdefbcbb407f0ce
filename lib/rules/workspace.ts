/** Workspaces that come from a directory of the host. (What that directory may be: mount-sources.ts.) */

import { posix } from 'node:path';
import { isWritableBind, listed, quoted, WORKSPACE_NAME, workspaceDirectory, workspaceName } from '../plan/index.ts';
import { canonicalPath, isWithin } from './container-paths.ts';
import type { Rule } from './rule.ts';

/** Where a shell and what it loads come from; `/bin` and `/lib` are links into them. */
const SYSTEM = ['/etc', '/usr'];

export const WORKSPACE_RULES: readonly Rule[] = [
  {
    id: 'bottles::workspace-name',
    severity: 'error',
    what: 'a workspace from a directory whose spelling ends in no plain name',
    why: 'the agent finds the workspace at /workspace under that name, on any machine the same',
    fix: "write the directory with its name, e.g. Workspace.copy('../app') for the project's own",
    *check({ agent: { path, workspace } }, { project }) {
      if (workspace === undefined || workspace.kind === 'clone') return;
      const name = workspaceName(workspace);
      if (WORKSPACE_NAME.test(name)) return;
      const { kind, hostPath } = workspace;
      const own = posix.basename(project.directory);
      yield {
        path,
        part: workspace,
        message: `workspace ${quoted(hostPath)} would be named ${quoted(name)}; allowed: a path whose last segment is a name without a leading dot, colons, dollar signs and control characters`,
        ...(posix.normalize(hostPath) === '.' && WORKSPACE_NAME.test(own)
          ? { fix: `write Workspace.${kind}('../${own}')` }
          : {}),
      };
    },
  },
  {
    id: 'bottles::workspace-runtime',
    severity: 'error',
    what: 'a workspace that is a writable directory of the host, under a container runtime of its own',
    why: 'the agent starts only once it is seen that the protected paths are mounted, and other runtimes do not show it',
    fix: 'use Workspace.copy or Workspace.clone with this runtime, or bind with `readOnly: true`',
    *check({ agent: { path, workspace, runtime } }) {
      if (runtime === undefined || !isWritableBind(workspace)) return;
      yield {
        path,
        part: workspace,
        message: `workspace ${quoted(workspace.hostPath)} is writable and the runtime is ${quoted(runtime)}; allowed: the engine's own runtime`,
      };
    },
  },
  {
    id: 'bottles::workspace-system-writable',
    severity: 'error',
    what: "a workspace that is a writable directory of the host, with an agent that can write to its system's directories",
    why: 'before anything of the agent starts, a shell looks whether the protected paths are mounted: that shell has to be the one of the image',
    fix: 'leave `readOnlyRoot` out and keep writable mounts out of the system, or use Workspace.copy or Workspace.clone',
    *check({ agent }) {
      const { path, workspace } = agent;
      if (!isWritableBind(workspace)) return;
      const writable = agent.mounts.find(
        (mount) =>
          (mount.kind === 'volume' || (mount.kind === 'bind' && !mount.readOnly)) &&
          SYSTEM.some((tree) => isWithin(canonicalPath(mount.target), tree)),
      );
      if (agent.readOnlyRoot && writable === undefined) return;
      const what =
        writable === undefined ? '`readOnlyRoot` is false' : `${quoted(writable.target)} is mounted writable`;
      yield {
        path,
        part: workspace,
        message: `workspace ${quoted(workspace.hostPath)} is writable and ${what}; allowed: a read-only root, and writable mounts outside of ${listed(SYSTEM)}`,
      };
    },
  },
  {
    id: 'bottles::workspace-bind',
    severity: 'warning',
    what: 'a workspace that is a writable directory of the host',
    why: 'what the agent writes there is run on the host by whoever builds, tests or installs there; only what runs by itself is protected',
    fix: 'use Workspace.clone, or Workspace.copy, and take over what you have reviewed; or acknowledge this with the reason',
    *check({ agent: { path, workspace } }) {
      if (!isWritableBind(workspace)) return;
      yield {
        path,
        part: workspace,
        message: `workspace ${quoted(workspace.hostPath)} is the host's own directory, writable as ${workspaceDirectory(workspace)}`,
      };
    },
  },
];
