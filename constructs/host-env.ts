import { Value } from './value.ts';

/** The name of a variable in the environment of whoever deploys. Its value never enters a definition or its output. */
export class HostEnv extends Value<'HostEnv'> {
  /** The host variable `name`, e.g. `GH_TOKEN`. Unset at deploy is an error there. */
  static of(name: string): HostEnv {
    return new HostEnv('HostEnv', 'of', { name });
  }
}
