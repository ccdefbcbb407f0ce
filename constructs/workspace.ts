import { Value } from './value.ts';

/** What the agent works on. */
export class Workspace extends Value<'Workspace'> {
  /** A clone of the declared git remote, made once, at `/workspace/<remote>`. */
  static clone(remote: string): Workspace {
    return new Workspace('Workspace', 'clone', { remote });
  }

  /**
   * A copy of a directory of the host at `/workspace/<its name>`, made once, of what deploy finds there the first time.
   * `hostPath` is absolute, relative to the project, or begins with `~/`. A `.bottleignore` in it names what is left out.
   */
  static copy(hostPath: string): Workspace {
    return new Workspace('Workspace', 'copy', { hostPath });
  }

  /**
   * A directory of the host itself, at `/workspace/<its name>`: the agent's changes are the host's at once. Writable
   * unless `readOnly` is given, but for what would run on the host by itself: `.git`, editor and agent settings.
   */
  static override bind(hostPath: string, options: { readonly readOnly?: boolean } = {}): Workspace {
    return new Workspace('Workspace', 'bind', { hostPath, options });
  }
}
