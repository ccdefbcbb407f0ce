import type { Construct } from 'constructs';
import type { DeclaredAddition } from '../lib/plan/index.ts';
import { DeclaredNode } from './declared-construct.ts';
import type { Route } from './route.ts';

export interface EgressProps {
  /**
   * Hosts that the agent may reach. Without any the daemon is not in the bottle.
   * @default none
   */
  readonly routes?: readonly Route[];
}

/** The agent's HTTPS proxy: host, method and path policy, and the credentials that it injects. */
export class Egress extends DeclaredNode {
  readonly #routes: DeclaredAddition[] = [];

  constructor(scope: Construct, id: string, props: EgressProps = {}) {
    super(scope, id, props);
  }

  addRoute(route: Route): void {
    this.#routes.push(this.addition(route));
  }

  /** @internal */
  get added(): readonly DeclaredAddition[] {
    return this.#routes;
  }
}
