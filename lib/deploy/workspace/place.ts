/** Brings the host's part of a workspace in order before the agent starts. */

import type { DeployOptions } from '../options.ts';
import { makeProtected, type ReadyWorkspace } from './ready.ts';
import { ensureSnapshot, hasSnapshot } from './snapshot.ts';

interface Placed {
  readonly stateDir: string;
  readonly workspace?: ReadyWorkspace;
}

/** Whether {@link placeWorkspace} has nothing to do. */
export function isWorkspacePlaced({ stateDir, workspace }: Placed): boolean {
  if (workspace === undefined) return true;
  if (workspace.kind === 'copy') return hasSnapshot({ stateDir, ...workspace });
  return workspace.protection.missing.length === 0;
}

export async function placeWorkspace(
  { stateDir, workspace }: Placed,
  { progress, signal }: Pick<DeployOptions, 'progress' | 'signal'>,
): Promise<void> {
  if (workspace === undefined) return;
  if (workspace.kind === 'copy') return ensureSnapshot({ stateDir, ...workspace }, progress, signal);
  const { source, protection } = workspace;
  makeProtected(workspace);
  const protectedPaths = protection.guarded.flatMap(({ how, path }) => (how === 'ro' ? [path] : []));
  progress.say(`read-only for the agent in ${source}: ${protectedPaths.join(', ')}`);
  if (protection.missing.length > 0) {
    progress.say(`made in ${source}, empty, so that the agent cannot: ${protection.missing.join(', ')}`);
  }
  if (protection.outside !== undefined) {
    progress.warn(
      `${source} is a worktree of ${protection.outside}, which is not in the bottle: git does not work there for the agent; Workspace.clone gives it a repository of its own`,
    );
  }
}
