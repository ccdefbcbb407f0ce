import type { Construct } from 'constructs';
import type { DeclaredAddition } from '../lib/plan/index.ts';
import { DeclaredNode } from './declared-construct.ts';
import type { GitRemote } from './git-remote.ts';

export interface GitGateProps {
  /**
   * Repositories that the agent may use. Without any the daemon is not in the bottle.
   * @default none
   */
  readonly remotes?: readonly GitRemote[];
}

/** The only way to git remotes: mirrors on fetch, scans on push, forwards with keys that the agent never sees. */
export class GitGate extends DeclaredNode {
  readonly #remotes: DeclaredAddition[] = [];

  constructor(scope: Construct, id: string, props: GitGateProps = {}) {
    super(scope, id, props);
  }

  addRemote(remote: GitRemote): void {
    this.#remotes.push(this.addition(remote));
  }

  /** @internal */
  get added(): readonly DeclaredAddition[] {
    return this.#remotes;
  }
}
