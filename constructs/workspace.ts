import { Value } from './value.ts';

/** What the agent works on. */
export class Workspace extends Value<'Workspace'> {
  /** A clone of the declared git remote, made once, at `/workspace/<remote>`. */
  static clone(remote: string): Workspace {
    return new Workspace('Workspace', 'clone', { remote });
  }

  /** A copy of a directory of the host. Not enforced by this version: an error at synth. */
  static copy(hostPath: string): Workspace {
    return new Workspace('Workspace', 'copy', { hostPath });
  }

  /** A directory of the host itself. Not enforced by this version: an error at synth. */
  static override bind(hostPath: string, options: { readonly readOnly?: boolean } = {}): Workspace {
    return new Workspace('Workspace', 'bind', { hostPath, options });
  }
}
