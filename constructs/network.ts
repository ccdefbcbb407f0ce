import { Value } from './value.ts';

export interface ManagedNetworkOptions {
  /**
   * IPv4 subnet in CIDR notation, e.g. `10.77.0.0/24`.
   * @default the engine's choice
   */
  readonly subnet?: string;
}

/** The network by which the sidecar bundle reaches the outside. */
export class Network extends Value<'Network'> {
  /** A network of the bottle's own. */
  static managed(options: ManagedNetworkOptions = {}): Network {
    return new Network('Network', 'managed', { options });
  }

  /** A network that exists, e.g. one with a private registry. Deploy neither makes nor removes it. */
  static external(name: string): Network {
    return new Network('Network', 'external', { name });
  }
}
