import type { Construct } from 'constructs';
import { readable } from './declared-construct.ts';
import { Egress, type EgressProps } from './egress.ts';
import type { EnvValue } from './env-value.ts';
import { GitGate, type GitGateProps } from './git-gate.ts';
import type { Image } from './image.ts';
import type { Mount } from './mount.ts';
import type { Network } from './network.ts';
import { OverridableNode } from './overridable.ts';
import { Pipelock, type PipelockProps } from './pipelock.ts';
import type { Resources } from './resources.ts';
import { Supervise, type SuperviseProps } from './supervise.ts';

export interface SidecarBundleProps {
  /**
   * The bundle's image. The environment variable `CLAUDE_BOTTLE_SIDECAR_IMAGE` beats it.
   * @default claude-bottle-sidecars:latest, built by deploy
   */
  readonly image?: Image;
  /**
   * One container for all daemons, or one a daemon. `CLAUDE_BOTTLE_SIDECAR_BUNDLE` set to `0`, `false`, `no` or `off`
   * at synth beats it: 'split'.
   * @default 'bundle'
   */
  readonly shape?: 'bundle' | 'split';
  /** @default no egress: the agent's proxy is pipelock */
  readonly egress?: EgressProps;
  /** @default pipelock with the hosts of the routes */
  readonly pipelock?: PipelockProps;
  /** @default no git-gate */
  readonly gitGate?: GitGateProps;
  /** @default false */
  readonly supervise?: boolean | SuperviseProps;
  /**
   * PEM files of private or inspecting CAs that egress and pipelock accept upstream.
   * @default none
   */
  readonly trustedCAs?: readonly string[];
  /** @default Network.managed() */
  readonly egressNetwork?: Network;
  /**
   * Variables besides those of the bottle, in the split shape of every daemon. Never a proxy variable.
   * @default none
   */
  readonly env?: Readonly<Record<string, string | EnvValue>>;
  /**
   * Mounts besides those that the daemons need, in the split shape in every daemon's container.
   * @default none
   */
  readonly mounts?: readonly Mount[];
  /**
   * Limits of the bundle; in the split shape of each daemon's container, none of which gets less than it could have had
   * in the bundle.
   * @default { memory: '1g', pids: 512 }
   */
  readonly resources?: Resources;
}

/** The sidecar bundle: egress, pipelock, git-gate and supervise, as far as the bottle uses them. */
export class SidecarBundle extends OverridableNode {
  constructor(scope: Construct, id: string, props: SidecarBundleProps = {}) {
    super(scope, id, props);
    // A wrong value goes to its construct all the same, and is reported at synth.
    const { egress, pipelock, gitGate, supervise } = readable(props);
    this.makeParts(() => {
      if (egress !== undefined) new Egress(this, 'egress', egress);
      new Pipelock(this, 'pipelock', pipelock);
      if (gitGate !== undefined) new GitGate(this, 'git-gate', gitGate);
      if (supervise !== undefined && supervise !== false) new Supervise(this, 'supervise', supervise);
    });
  }

  /** Egress, if it is declared. */
  get egress(): Egress | undefined {
    return this.node.children.find((child) => child instanceof Egress);
  }

  get pipelock(): Pipelock {
    const pipelock = this.node.children.find((child) => child instanceof Pipelock);
    if (pipelock === undefined) throw new Error(`${this.node.path} lost its pipelock`);
    return pipelock;
  }

  /** git-gate, if it is declared. */
  get gitGate(): GitGate | undefined {
    return this.node.children.find((child) => child instanceof GitGate);
  }

  /** supervise, if it is declared. */
  get supervise(): Supervise | undefined {
    return this.node.children.find((child) => child instanceof Supervise);
  }
}
