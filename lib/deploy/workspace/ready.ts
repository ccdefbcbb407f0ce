/** The workspace of a bottle that is about to be deployed, as it lies on this host. */

import { chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceNeed } from '../../assembly/manifest.ts';
import { BottleError, reasonOf } from '../../errors.ts';
import { WORKSPACE_DIR } from '../../plan/index.ts';
import { type HostPaths, hostPath } from '../host-files/host-path.ts';
import { realPath } from '../host-files/real-path.ts';
import { submodulePaths } from './git-facts.ts';
import { type Protection, protectionOf } from './protection.ts';

export type ReadyWorkspace =
  | { readonly kind: 'copy'; readonly name: string; readonly source: string }
  /** A directory of the host that the agent writes to. */
  | { readonly kind: 'bind'; readonly source: string; readonly directory: string; readonly protection: Protection };

export interface JudgedWorkspace {
  readonly workspace?: ReadyWorkspace;
  readonly problems: readonly BottleError[];
}

/** A missing directory is told with the mounts. Looks, and changes nothing. */
export async function judgeWorkspace(need: WorkspaceNeed | undefined, paths: HostPaths): Promise<JudgedWorkspace> {
  if (need === undefined || need.kind === 'clone') return { problems: [] };
  const spelled = hostPath(need.source, paths);
  const source = realPath(spelled);
  if (source === undefined) return { problems: [] };
  if (!statSync(source).isDirectory()) {
    const fix = 'name a directory in the definition';
    return {
      problems: [new BottleError('deploy/workspace-no-directory', `the workspace ${spelled} is no directory`, { fix })],
    };
  }
  const { kind, name } = need;
  if (kind === 'copy') return { workspace: { kind, name, source }, problems: [] };
  if (need.readOnly) return { problems: [] };
  const protection = protectionOf(source, await submodulePaths(source));
  const directory = `${WORKSPACE_DIR}/${name}`;
  return { workspace: { kind, source, directory, protection }, problems: protection.problems };
}

/** Makes the directories that are protected and missing, as those of whoever owns the workspace. */
export function makeProtected({ source, protection }: ReadyWorkspace & { readonly kind: 'bind' }): void {
  const { uid, gid } = statSync(source);
  for (const path of protection.missing) {
    const directory = join(source, path);
    try {
      mkdirSync(directory, { mode: 0o755 });
      if (process.getuid?.() === 0) chownSync(directory, uid, gid);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') continue;
      const reason = reasonOf(cause);
      throw new BottleError('deploy/protected-path-not-made', `${directory} cannot be made: ${reason}`, {
        fix: 'deploy makes it so that the agent cannot: let whoever deploys write the workspace, or make it yourself',
        cause,
      });
    }
  }
}

/** The agent's further mounts, in the compose specification's long syntax. */
export const protectedMounts = ({
  source,
  directory,
  protection,
}: ReadyWorkspace & { readonly kind: 'bind' }): readonly object[] =>
  protection.guarded.map(({ how, path }) => ({
    type: 'bind',
    source: join(source, path),
    target: `${directory}/${path}`,
    ...(how === 'ro' ? { read_only: true } : {}),
    bind: { create_host_path: false },
  }));
