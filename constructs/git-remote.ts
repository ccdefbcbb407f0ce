import { Value } from './value.ts';

export interface GitRemoteOptions {
  /** The private key on the deploying host, without passphrase, as a path; `~/` is the deploying user's home. */
  readonly identityFile: string;
  /** The server's key as in known_hosts without the host: `ssh-ed25519 AAAA…`. Never trusted on first use. */
  readonly knownHostKey: string;
  /**
   * Whether the agent may push.
   * @default 'push'
   */
  readonly access?: 'read' | 'push';
  /**
   * Patterns of branches that may be pushed: `*` and `?` within a segment, `**` over segments.
   * @default any but the branch that the upstream's HEAD names
   */
  readonly branches?: readonly string[];
  /**
   * Patterns of paths that a push may not change.
   * @default definitions of continuous integration, e.g. `.github/workflows/**`
   */
  readonly protectedPaths?: readonly string[];
  /**
   * What a push may do beyond adding commits to branches.
   * @default nothing
   */
  readonly allow?: { readonly force?: boolean; readonly delete?: boolean; readonly tags?: boolean };
}

/** A git repository that the agent reaches through git-gate, and only so. */
export class GitRemote extends Value<'GitRemote'> {
  /**
   * A remote over SSH. `name` is what the agent clones: `git://git-gate/<name>.git`; `url` is
   * `ssh://user@host[:port]/path` or `user@host:path`.
   */
  static ssh(name: string, url: string, options: GitRemoteOptions): GitRemote {
    return new GitRemote('GitRemote', 'ssh', { name, url, options });
  }
}
