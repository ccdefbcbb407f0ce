/** What applying live policy changes takes and gives (docs/reference/allow.md). */

import type { Daemon } from '../../plan/index.ts';
import type { Docker } from '../docker/index.ts';
import type { Origin } from '../grants/model.ts';
import type { Deployed } from '../state/deployed.ts';

/** A deployed bottle whose sidecars run. */
export interface LiveBottle {
  readonly slug: string;
  readonly home: string;
  readonly stateDir: string;
  readonly deployed: Deployed;
  /** Id of the container that runs each daemon of the bottle. */
  readonly containers: ReadonlyMap<Daemon, string>;
  readonly docker: Docker;
}

/** Who changes the policy, and why; it is kept in the grant and in the audit log. */
export interface ChangeRecord {
  /** {@link import('./operator.ts').operatorName} unless the caller knows better. */
  readonly who: string;
  readonly why: string;
  readonly origin: Origin;
  /** Id of the proposal that the change answers. */
  readonly proposal?: string;
}

/** What changes would do, as text; nothing is touched. */
export interface Preview {
  /** In words, one line each; empty where everything is open already. */
  readonly opens: readonly string[];
  readonly closes: readonly string[];
  /** Unified diff of `routes.yaml` and `pipelock.yaml`; empty where neither changes. */
  readonly diff: string;
  /** Strict mode refuses to reload the change: pipelock is restarted in place, which ends its open connections. */
  readonly restartsPipelock: boolean;
  /** What waits for the next deploy, in words: a credential whose variable the running bundle does not have. */
  readonly deferred: readonly string[];
}

/** SHA-256 (hex) of the policy files; `egress` is absent in a bottle without it. */
export interface PolicyDigests {
  readonly egress?: string | undefined;
  readonly pipelock: string;
}

export interface Applied extends Preview {
  /** Id of the change in the audit log. */
  readonly change: string;
  readonly before: PolicyDigests;
  /** What both daemons have acknowledged that they run. */
  readonly after: PolicyDigests;
  /** False where everything was as wanted already, and nothing was written. */
  readonly changed: boolean;
  /** From the lock to the last acknowledgement. */
  readonly milliseconds: number;
  /** What an operator should know besides: an earlier change that was settled, an audit log that was tampered with. */
  readonly warnings: readonly string[];
}

export interface ApplyOptions {
  /**
   * Run under the bottle's lock: `before` before anything is written, `after` once both daemons run the new policy and
   * the audit log says so. If either throws, the old policy is in force again and its error is what the caller gets.
   */
  readonly around?: {
    readonly before?: () => Promise<void>;
    readonly after?: (applied: Applied) => Promise<void>;
  };
  /** How long another operator's change is waited for. @default 5000 */
  readonly lockWaitMs?: number;
  /** How long a daemon may take to acknowledge. @default 10000, 30000 for a restart of pipelock */
  readonly acknowledgeMs?: number;
  readonly now?: Date;
}
