import type { Construct, IConstruct } from 'constructs';
import { slugOf } from '../lib/plan/lower/index.ts';
import { Agent, type AgentProps } from './agent.ts';
import { DeclaredNode, readable } from './declared-construct.ts';
import { SidecarBundle, type SidecarBundleProps } from './sidecar-bundle.ts';

export interface BottleProps {
  /**
   * A DNS label of at most 39 characters, unique in the app.
   * @default the construct id, with the context's `suffix` behind it
   */
  readonly slug?: string;
  /** The agent, unless it is declared as a child: `new Agent(bottle, 'Agent', props)`. */
  readonly agent?: AgentProps;
  /** The sidecar bundle, unless it is declared as a child: `new SidecarBundle(bottle, 'Sidecars', props)`. */
  readonly sidecars?: SidecarBundleProps;
  /**
   * Labels on the bottle's containers, besides ours.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/** One isolated set of containers for one coding agent: exactly one {@link Agent} and one {@link SidecarBundle}. */
export class Bottle extends DeclaredNode {
  /** The bottle that `construct` is in, or is. Throws if there is none. */
  static of(construct: IConstruct): Bottle {
    const bottle = [...construct.node.scopes].reverse().find((scope) => scope instanceof Bottle);
    if (bottle === undefined) throw new Error(`${construct.node.path || 'the app'} is not in a Bottle`);
    return bottle;
  }

  readonly #slug: unknown;

  constructor(scope: Construct, id: string, props: BottleProps = {}) {
    super(scope, id, props);
    const { slug, agent, sidecars } = readable(props);
    this.#slug = slug;
    this.makeParts(() => {
      if (agent !== undefined) new Agent(this, 'Agent', agent);
      if (sidecars !== undefined) new SidecarBundle(this, 'Sidecars', sidecars);
    });
  }

  /** The name from which every other name of the bottle is derived. */
  get slug(): string {
    return slugOf(this.declaredId, this.#slug, this.node.tryGetContext('suffix'));
  }

  /** The agent. Throws if none is declared yet. */
  get agent(): Agent {
    const agent = this.node.findAll().find((node) => node instanceof Agent);
    if (agent === undefined) throw new Error(`bottle ${this.node.path} has no agent yet`);
    return agent;
  }

  /** The sidecar bundle. Throws if none is declared yet. */
  get sidecars(): SidecarBundle {
    const sidecars = this.node.findAll().find((node) => node instanceof SidecarBundle);
    if (sidecars === undefined) throw new Error(`bottle ${this.node.path} has no sidecar bundle yet`);
    return sidecars;
  }
}
