/** What the agent works on: where it comes from, and where in the container it is. */

import { posix } from 'node:path';
import { WORKSPACE_DIR } from './paths.ts';

export type WorkspacePlan =
  /** Cloned once from git-gate. */
  | { readonly kind: 'clone'; readonly remote: string }
  /** Copied once from a directory of the host, as it is at the first deploy. */
  | { readonly kind: 'copy'; readonly hostPath: string }
  /** A directory of the host itself. */
  | { readonly kind: 'bind'; readonly hostPath: string; readonly readOnly: boolean };

/** A name that a directory below {@link WORKSPACE_DIR} may have; where it is mounted, compose reads a colon and a dollar sign. */
export const WORKSPACE_NAME = /^[^\s.:$/\\\p{Cc}](?:[^:$/\\\p{Cc}]{0,99}[^\s:$/\\\p{Cc}])?$/u;

/** The remote's name, or the last segment of the host path as it is spelled; rules refuse one that is no name. */
export const workspaceName = (workspace: WorkspacePlan): string =>
  workspace.kind === 'clone' ? workspace.remote : posix.basename(posix.normalize(workspace.hostPath));

export const workspaceDirectory = (workspace: WorkspacePlan): string => `${WORKSPACE_DIR}/${workspaceName(workspace)}`;

/** Whether the agent writes to the host's own directory: then some paths in it are protected. */
export const isWritableBind = (
  workspace: WorkspacePlan | undefined,
): workspace is WorkspacePlan & { readonly kind: 'bind' } => workspace?.kind === 'bind' && !workspace.readOnly;
