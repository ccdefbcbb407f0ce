/** The directories and files of the host that a bottle mounts, its workspace among them. */

import { type BottlePlan, type MountPlan, workspaceDirectory } from '../plan/index.ts';
import { type DeclaredMount, mountsOf } from './mounts.ts';

type BindPlan = MountPlan & { readonly kind: 'bind' };

export type DeclaredBind = DeclaredMount & { readonly mount: BindPlan };

/** A copy is one of what may be read, so it is judged as a mount that is read-only. */
function workspaceBind({ agent: { path, workspace } }: BottlePlan): readonly DeclaredBind[] {
  if (workspace === undefined || workspace.kind === 'clone') return [];
  const readOnly = workspace.kind === 'copy' || workspace.readOnly;
  const mount = { kind: 'bind', source: workspace.hostPath, target: workspaceDirectory(workspace), readOnly } as const;
  return [{ service: 'the agent', path, mount, workspace }];
}

/** The bind mounts among {@link mountsOf}, and the workspace. */
export const bindsOf = (bottle: BottlePlan): readonly DeclaredBind[] => [
  ...workspaceBind(bottle),
  ...mountsOf(bottle).flatMap((declared) =>
    declared.mount.kind === 'bind' ? [{ ...declared, mount: declared.mount }] : [],
  ),
];
