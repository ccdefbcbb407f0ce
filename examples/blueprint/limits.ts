import { Agent, type Aspect, type IConstruct, SidecarBundle } from 'claude-bottle';

/** Holds every container of a tree to the house's limits, whatever its bottle says. */
export class HouseLimits implements Aspect {
  readonly #cpus: number;

  constructor(cpus: number) {
    this.#cpus = cpus;
  }

  visit(node: IConstruct): void {
    if (!(node instanceof Agent || node instanceof SidecarBundle)) return;
    node.addOverride('cpus', this.#cpus);
    node.addOverride('ulimits.core', 0);
  }
}
