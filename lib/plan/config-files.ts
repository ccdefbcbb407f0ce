/**
 * The schemas of the configuration files that the renderers write and the daemons read. Every reader refuses a key
 * that is not named here. (pipelock's own file is described by lib/render/pipelock.)
 */

/** `<host>:<port>`; the daemon resolves the host once at start and binds that address, never 0.0.0.0. */
export type ListenAddress = string;

export type AuthScheme = 'Bearer' | 'token' | 'Basic' | 'header';

/** How egress authenticates requests of a route. `slot` is the number of the `EGRESS_TOKEN_<slot>` variable. */
export interface RouteAuthEntry {
  readonly scheme: AuthScheme;
  readonly slot: number;
  /** Header to set, for scheme `header` only; the others set `Authorization`. */
  readonly header?: string;
  /** User name, for scheme `Basic` only. */
  readonly user?: string;
}

/** A route that an operator granted while the bottle ran. `expires` is an ISO 8601 instant. */
export interface RouteGrant {
  readonly id: string;
  readonly expires?: string;
  readonly usesLeft?: number;
}

/** One entry of `egress/routes.yaml`. */
export interface RouteEntry {
  /** Exact host, lower case, ASCII, no trailing dot. */
  readonly host: string;
  /** TCP ports; always present, [443] unless the definition names others. */
  readonly ports: readonly number[];
  /** Upper-case methods; absent: any but TRACE and CONNECT. */
  readonly methods?: readonly string[];
  /** Canonical absolute paths, matched at segment boundaries; absent: any path. */
  readonly pathPrefixes?: readonly string[];
  readonly auth?: RouteAuthEntry;
  readonly webSocket?: true;
  readonly grant?: RouteGrant;
}

/** `egress/routes.yaml`. */
export interface RoutesFile {
  readonly version: 1;
  readonly listen: ListenAddress;
  /** Largest request body, in bytes: what pipelock scans at most, so that egress refuses first and says why. */
  readonly maxBodyBytes?: number;
  readonly routes: readonly RouteEntry[];
}

/** One remote in `git-gate/git-gate.json`. */
export interface GitRemoteEntry {
  readonly name: string;
  /** `ssh://user@host[:port]/path` or the scp form `user@host:path`, as the definition spells it. */
  readonly url: string;
  /** Path of the private key inside the bundle. */
  readonly key: string;
  readonly access: 'read' | 'push';
  /** Patterns of branches that may be pushed; absent: any but the branch that the upstream's HEAD names. */
  readonly branches?: readonly string[];
  readonly protectedPaths: readonly string[];
  readonly allow: { readonly force: boolean; readonly delete: boolean; readonly tags: boolean };
}

/** `git-gate/git-gate.json`. */
export interface GitGateFile {
  readonly version: 1;
  readonly listen: ListenAddress;
  readonly remotes: readonly GitRemoteEntry[];
}

/** `supervise/supervise.json`. */
export interface SuperviseFile {
  readonly version: 1;
  readonly slug: string;
  readonly listen: ListenAddress;
  /** Seconds that a proposal waits for a verdict before it is `expired`. */
  readonly deadlineSeconds: number;
  /** Names of the host variables that the definition declares as credentials: the only ones a proposal may name. */
  readonly credentials: readonly string[];
}
