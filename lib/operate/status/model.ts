/** Everything that `bottle status` knows of one bottle. */

import type { Daemon, Shape } from '../../plan/index.ts';
import type { DaemonEvent } from '../events/index.ts';
import type { BottleState } from '../list/index.ts';
import type { Deployed } from '../state/deployed.ts';
import type { WorkspaceReport } from '../workspace.ts';
import type { PolicyStatus } from './policy.ts';

export interface DaemonStatus {
  readonly daemon: Daemon;
  readonly up: boolean;
  /** Why it is not up; empty if it is. */
  readonly detail: string;
  /** How often it was started again since its container was. */
  readonly restarts: number;
  /** It died so often in a short time that it is started again only after a long wait. */
  readonly crashLoop: boolean;
  /** Reloads that it refused since it was started. */
  readonly refusals: number;
  readonly policy: PolicyStatus;
}

export interface ContainerStatus {
  readonly service: string;
  readonly name: string;
  /** As the engine says it; `missing` where there is none. */
  readonly status: string;
  /** RFC 3339; null where it never started. */
  readonly startedAt: string | null;
  readonly restarts: number;
  /** As deployed; null where no record says it. */
  readonly image: string | null;
  /** False if it was made from another image than was deployed. */
  readonly imageIsDeployed: boolean | null;
}

export interface ProposalCount {
  readonly open: number;
  /** Entries of the queue that are none. */
  readonly skipped: number;
}

export interface GrantCount {
  readonly live: number;
  /** When the next of them ends, ISO 8601; null if none does. */
  readonly nextExpiry: string | null;
}

export interface BottleStatus {
  readonly slug: string;
  readonly app: string;
  readonly state: BottleState;
  /** True if nothing is the matter. */
  readonly healthy: boolean;
  /** What is the matter, in words. */
  readonly problems: readonly string[];
  readonly shape: Shape | null;
  /** RFC 3339: since when all that runs has been running. */
  readonly since: string | null;
  readonly scanner: { readonly engine: Deployed['scanner'] | null; readonly version: string | null };
  readonly daemons: readonly DaemonStatus[];
  readonly containers: readonly ContainerStatus[];
  /** Null for a bottle without one. */
  readonly workspace:
    | (WorkspaceReport & {
        readonly name: string;
        /** Why a path that is protected from the agent is not any more; null if none is known to be. Not our text. */
        readonly unprotected: string | null;
      })
    | null;
  readonly network: {
    /** Networks that lead out. */
    readonly egress: readonly string[];
    /** Whether the host takes in nothing that is broadcast on the isolated ones; null where it cannot be seen. */
    readonly sealed: boolean | null;
  };
  /** The last ones, oldest first. Their text is not ours. */
  readonly events: readonly DaemonEvent[];
  /** Files among the events that are none. */
  readonly skippedEvents: number;
  /** Null where they cannot be read. */
  readonly grants: GrantCount | null;
  /** Null where they cannot be read. */
  readonly proposals: ProposalCount | null;
  /** Whether it has supervise, which takes proposals. */
  readonly supervised: boolean;
}
