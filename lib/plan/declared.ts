/**
 * What a construct tree hands to lowering: the definition as it was written, nothing judged yet. Whatever a definition
 * passed is `unknown` here; {@link import('./lower/index.ts').lower} is the one place that looks inside.
 */

export interface Location {
  /** Relative to the working directory. */
  readonly file: string;
  readonly line: number;
}

/** Finds the line of the definition that declared something; costs something only when it is called. */
export type Locate = () => Location | undefined;

/** Marks a value of the definition language, also across two copies of this package. */
export const DECLARED_VALUE = Symbol.for('claude-bottle.declared-value');

export const VALUE_KINDS = [
  'Auth',
  'EnvValue',
  'GitRemote',
  'HostEnv',
  'Image',
  'Mount',
  'Network',
  'Route',
  'Workspace',
] as const;

export type ValueKind = (typeof VALUE_KINDS)[number];

/** A value such as `Route.to('api.example.com')`: its kind is `Route`, its form `to`. */
export interface DeclaredValue {
  readonly [DECLARED_VALUE]: true;
  readonly kind: ValueKind;
  /** Name of the factory that made it. */
  readonly form: string;
  /** The factory's arguments by name, as given. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly locate: Locate;
}

/** `value` as a declared value, or undefined if it is something else. */
export function asDeclaredValue(value: unknown): DeclaredValue | undefined {
  return typeof value === 'object' && value !== null && DECLARED_VALUE in value ? (value as DeclaredValue) : undefined;
}

export interface DeclaredConstruct {
  /** Construct path. */
  readonly path: string;
  readonly locate: Locate;
  readonly props: unknown;
}

/** Something added by a method call after construction. */
export interface DeclaredAddition {
  readonly value: unknown;
  readonly locate: Locate;
}

/** A call of one of the escape hatches, as given. */
export type DeclaredOverride = { readonly locate: Locate } & (
  | { readonly kind: 'set'; readonly path: unknown; readonly value: unknown }
  | { readonly kind: 'delete'; readonly path: unknown }
  | { readonly kind: 'patch'; readonly operations: readonly unknown[] }
);

export interface DeclaredAgent extends DeclaredConstruct {
  readonly addedEnv: readonly (DeclaredAddition & { readonly name: unknown })[];
  readonly addedMounts: readonly DeclaredAddition[];
  /** In the order of the calls. */
  readonly overrides: readonly DeclaredOverride[];
}

/** A daemon that takes a list: routes or remotes, those of `props` and those added. */
export interface DeclaredDaemon extends DeclaredConstruct {
  readonly added: readonly DeclaredAddition[];
}

export interface DeclaredSidecars extends DeclaredConstruct {
  /** One of each at most in a valid definition. */
  readonly egress: readonly DeclaredDaemon[];
  readonly pipelock: readonly DeclaredConstruct[];
  readonly gitGate: readonly DeclaredDaemon[];
  readonly supervise: readonly DeclaredConstruct[];
  /** In the order of the calls. */
  readonly overrides: readonly DeclaredOverride[];
}

export interface DeclaredBottle extends DeclaredConstruct {
  /** The construct's id as given. */
  readonly id: unknown;
  readonly agents: readonly DeclaredAgent[];
  readonly sidecars: readonly DeclaredSidecars[];
}

/** A construct whose place in the tree means nothing, e.g. an Agent outside any Bottle. */
export interface MisplacedConstruct {
  readonly path: string;
  readonly locate: Locate;
  readonly what: string;
  readonly belongsIn: string;
}

/** A construct of the tree, whatever it is, with all below it. */
export interface TreeNode {
  readonly id: string;
  readonly path: string;
  /** Name of its class. */
  readonly construct: string;
  readonly locate?: Locate;
  /** Of a bottle. */
  readonly slug?: string;
  readonly children: readonly TreeNode[];
}

/** What was added as an aspect and is none, or with a priority that is no number. */
export interface MisfitAspect {
  readonly path: string;
  readonly locate: Locate;
  readonly aspect: unknown;
  readonly priority: unknown;
}

export interface DeclaredApp {
  /** `name` of the user's package.json. */
  readonly name: string;
  readonly props: unknown;
  readonly locate: Locate;
  /** Context key `suffix`. */
  readonly suffix: unknown;
  /** Context key `requireDigests`. */
  readonly requireDigests?: unknown;
  /** `CLAUDE_BOTTLE_SIDECAR_IMAGE`: beats every definition's image of the bundle. */
  readonly sidecarImage?: string;
  /** `CLAUDE_BOTTLE_SIDECAR_BUNDLE`. */
  readonly bundleFlag?: string;
  readonly bottles: readonly DeclaredBottle[];
  readonly misplaced: readonly MisplacedConstruct[];
  readonly misfitAspects: readonly MisfitAspect[];
}
