import { Value } from './value.ts';

export interface BindOptions {
  /**
   * Whether the container can only read it.
   * @default true
   */
  readonly readOnly?: boolean;
}

export interface TmpfsOptions {
  /**
   * Bytes with a unit, e.g. `64m` (compose specification, "Specifying byte values").
   * @default the engine's
   */
  readonly size?: string;
}

/** Something at a path of a container. `target` is absolute. */
export class Mount extends Value<'Mount'> {
  /**
   * A file or directory of the host. `source` is absolute, relative to the project, or begins with `~/`. Read-only
   * unless `readOnly: false` is given.
   */
  static override bind(source: string, target: string, options: BindOptions = {}): Mount {
    return new Mount('Mount', 'bind', { source, target, options });
  }

  /** A named volume of the bottle, kept until `destroy --volumes`. */
  static volume(name: string, target: string): Mount {
    return new Mount('Mount', 'volume', { name, target });
  }

  /** Memory that is gone when the container stops. */
  static tmpfs(target: string, options: TmpfsOptions = {}): Mount {
    return new Mount('Mount', 'tmpfs', { target, options });
  }
}
