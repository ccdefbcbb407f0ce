/** The plain data that a construct tree lowers to: the one vocabulary that rules, renderers and deploy share. */

import type { AuthScheme } from './config-files.ts';
import type { Daemon } from './daemons.ts';
import type { Shape } from './services.ts';
import type { WorkspacePlan } from './workspace.ts';

export interface BottlePlan {
  /** Construct path, for findings. */
  readonly path: string;
  readonly slug: string;
  /** `name` of the user's package.json. */
  readonly app: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The app wants every image that it names by digest. */
  readonly requireDigests?: true;
  readonly agent: AgentPlan;
  readonly sidecars: SidecarsPlan;
}

export interface AgentPlan {
  readonly path: string;
  readonly image: ImagePlan;
  readonly command: readonly string[];
  readonly env: readonly EnvPlan[];
  readonly mounts: readonly MountPlan[];
  readonly workspace?: WorkspacePlan;
  readonly skills: readonly SkillPlan[];
  /** Standing instructions, Markdown. */
  readonly prompt?: string;
  readonly resources: ResourcesPlan;
  /** Container runtime, e.g. `runsc`. */
  readonly runtime?: string;
  /** `uid`, `uid:gid` or a name in the image. */
  readonly user?: string;
  readonly readOnlyRoot: boolean;
  /** Changes to the rendered service, in the order in which they are applied. */
  readonly overrides: readonly OverridePlan[];
}

export interface SidecarsPlan {
  readonly path: string;
  readonly image: ImagePlan;
  readonly shape: Shape;
  /** The daemons that this bottle uses, in canonical order. */
  readonly daemons: readonly Daemon[];
  readonly egress?: EgressPlan;
  readonly pipelock: PipelockPlan;
  readonly gitGate?: GitGatePlan;
  readonly supervise?: SupervisePlan;
  /** PEM files on the host, as the definition spells them. */
  readonly trustedCAs: readonly string[];
  readonly egressNetwork: NetworkPlan;
  readonly env: readonly EnvPlan[];
  readonly mounts: readonly MountPlan[];
  readonly resources: ResourcesPlan;
  /** As of the agent; in the split shape they change the service of every daemon. */
  readonly overrides: readonly OverridePlan[];
}

/** A change to a rendered service. Paths are relative to it. */
export type OverridePlan =
  /** `path` in dots, `\\.` for a dot in a key; what is missing on the way is made. */
  | { readonly kind: 'set'; readonly path: string; readonly value: unknown }
  | { readonly kind: 'delete'; readonly path: string }
  /** RFC 6902, all or none. */
  | { readonly kind: 'patch'; readonly operations: readonly JsonPatchOperation[] };

/** One operation of a JSON patch (RFC 6902 §4). */
export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** JSON pointer (RFC 6901). */
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

export interface EgressPlan {
  readonly path: string;
  readonly routes: readonly RoutePlan[];
  /** Host variables in slot order: slot n is filled from `tokens[n]`. */
  readonly tokens: readonly string[];
}

export interface RoutePlan {
  /** Lower case; rules require the canonical form of a host name otherwise. */
  readonly host: string;
  readonly ports: readonly number[];
  readonly methods?: readonly string[];
  readonly pathPrefixes?: readonly string[];
  readonly auth?: RouteAuthPlan;
  readonly tlsPassthrough: boolean;
  readonly privateUpstream: boolean;
  readonly webSocket: boolean;
}

export interface RouteAuthPlan {
  readonly scheme: AuthScheme;
  /** Host variable that holds the credential. */
  readonly from: string;
  /** Index into {@link EgressPlan.tokens}. */
  readonly slot: number;
  readonly header?: string;
  readonly user?: string;
}

export interface PipelockPlan {
  readonly path: string;
  readonly engine?: 'pipelock' | 'builtin';
  /** Hosts to allow beyond those of the routes: exact, or `*.suffix`; lower case. */
  readonly allow: readonly string[];
  readonly exposed: boolean;
  /** Caps of intercepted traffic, in bytes. */
  readonly maxResponseBytes: number;
  readonly maxBodyBytes: number;
}

export interface GitGatePlan {
  readonly path: string;
  readonly remotes: readonly GitRemotePlan[];
}

export interface GitRemotePlan {
  readonly name: string;
  /** As the definition spells it: `ssh://…` or `user@host:path`. */
  readonly url: string;
  /** Host path, as spelled; `~/` is the deploying user's home. */
  readonly identityFile: string;
  /** `<type> <base64>`, as in known_hosts without the host. */
  readonly knownHostKey: string;
  readonly access: 'read' | 'push';
  readonly branches?: readonly string[];
  readonly protectedPaths: readonly string[];
  readonly allow: { readonly force: boolean; readonly delete: boolean; readonly tags: boolean };
}

export interface SupervisePlan {
  readonly path: string;
  readonly deadlineSeconds: number;
}

export type EnvPlan =
  | { readonly kind: 'literal'; readonly name: string; readonly value: string }
  /** Forwarded from the host variable `from` at deploy. */
  | { readonly kind: 'host'; readonly name: string; readonly from: string }
  /** Asked for at deploy; the answer is in no file. */
  | { readonly kind: 'ask'; readonly name: string; readonly question: string };

export type MountPlan =
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly readOnly: boolean }
  | { readonly kind: 'volume'; readonly name: string; readonly target: string }
  /** `size` in bytes or with a unit, as the compose specification's byte value. */
  | { readonly kind: 'tmpfs'; readonly target: string; readonly size?: string };

/** A directory of the host with a `SKILL.md`, copied at deploy. */
export interface SkillPlan {
  /** Name of the directory, by which the agent knows the skill. */
  readonly name: string;
  /** Host path, as spelled. */
  readonly source: string;
}

export type ImagePlan =
  /** The project's own image, built by deploy. */
  | { readonly kind: 'default' }
  | { readonly kind: 'reference'; readonly reference: string }
  | {
      readonly kind: 'build';
      readonly context: string;
      readonly dockerfile?: string;
      readonly args: Readonly<Record<string, string>>;
    }
  /** Our agent image with this version of Claude Code. */
  | { readonly kind: 'claudeCode'; readonly version?: string };

export type NetworkPlan =
  | { readonly kind: 'managed'; readonly subnet?: string }
  | { readonly kind: 'external'; readonly name: string };

export interface ResourcesPlan {
  /** Byte value of the compose specification, e.g. `4g`. */
  readonly memory: string;
  readonly cpus?: number;
  readonly pids: number;
}
