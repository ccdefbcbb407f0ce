/** A bad edit of a definition, and how one is written. */

import type { AgentProps, App, Bottle, Mount, RouteOptions, Severity, SidecarBundleProps } from 'claude-bottle';
import { type EnvValue, Mount as Mounts } from 'claude-bottle';
import type { AuthRecipe, BottleRecipe, RemoteRecipe } from './any-recipe.ts';

export interface BadDefinition {
  readonly name: string;
  /** The rule that must be among the findings. */
  readonly rule: `bottles::${string}` | `acme::${string}`;
  readonly severity: Severity;
  /** Path of the construct that the finding is about, below the bottle, or from the app on if it begins with a slash. */
  readonly at: string;
  /** The recipe of a bottle of the app after the edit. */
  readonly edit?: Edit;
  /** What is done to the declared bottle. */
  readonly call?: (bottle: Bottle, app: App) => void;
  /** Context of the app. */
  readonly context?: Readonly<Record<string, unknown>>;
}

export type Edit = (recipe: BottleRecipe) => BottleRecipe;

/** The edit and its name; both of the same words. */
type Named = Pick<BadDefinition, 'name'> & Partial<Pick<BadDefinition, 'edit' | 'call' | 'context' | 'at'>>;

const listed =
  (severity: Severity) =>
  (rule: string, at: string, ...edits: readonly Named[]): readonly BadDefinition[] =>
    edits.map((edit) => ({ rule: `bottles::${rule}`, severity, at, ...edit }));

/** Edits that are errors of one rule, found at one place. */
export const errors = listed('error');
export const warnings = listed('warning');

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);

export const agent = (props: AgentProps, name = shown(props)): Named => ({
  name: `agent ${name}`,
  edit: (recipe) => ({ ...recipe, agent: { ...recipe.agent, ...props }, overrides: [] }),
});

export const sidecars = (props: SidecarBundleProps, name = shown(props)): Named => ({
  name: `sidecars ${name}`,
  edit: (recipe) => ({ ...recipe, sidecars: { ...recipe.sidecars, ...props } }),
});

/** Variables of the agent, besides the others. */
export const env = (name: string, value: string | EnvValue): Named => ({
  name: `agent variable ${name}=${shown(value)}`,
  call: (bottle) => bottle.agent.addEnv(name, value),
});

export const bundleEnv = (name: string, value: string | EnvValue): Named =>
  sidecars({ env: { [name]: value } }, `variable ${name}=${shown(value)}`);

/** Mounts of the agent, besides the others. */
export const mounts = (...added: readonly Mount[]): Named => ({
  name: `agent mounts ${added.map(({ given }) => shown(given)).join(' and ')}`,
  call: (bottle) => {
    for (const one of added) bottle.agent.addMount(one);
  },
});

/** A directory of the host in the agent. */
export const bind = (source: string, readOnly = true): Named => mounts(Mounts.bind(source, '/edited', { readOnly }));

/** A mount in the agent and one in the sidecars, and no others there. */
export const bothMount = (inAgent: Mount, inSidecars: Mount): Named => ({
  name: `agent mount ${shown(inAgent.given)} and sidecar mount ${shown(inSidecars.given)}`,
  edit: (recipe) => ({
    ...recipe,
    mounts: [...recipe.mounts, inAgent],
    sidecars: { ...recipe.sidecars, mounts: [inSidecars] },
  }),
});

/** One route more. */
export const route = (host: string, options: Omit<RouteOptions, 'auth'> = {}, auth?: AuthRecipe): Named => ({
  name: `route ${host} ${shown(options)} ${shown(auth ?? {})}`,
  edit: (recipe) => ({
    ...recipe,
    routes: [...recipe.routes, { host, options, ...(auth === undefined ? {} : { auth }) }],
    acknowledges: false,
  }),
});

export const routes = (...hosts: readonly string[]): Named => ({
  name: `routes ${hosts.join(' and ')}`,
  edit: (recipe) => ({ ...recipe, routes: [...recipe.routes, ...hosts.map((host) => ({ host, options: {} }))] }),
});

/** Nothing behind egress: the agent's proxy is pipelock. */
export const allow = (...entries: readonly string[]): Named => ({
  name: `allow ${entries.join(' and ')}`,
  edit: (recipe) => ({ ...recipe, routes: [], sidecars: { ...recipe.sidecars, pipelock: { allow: entries } } }),
});

/** One remote more, `edited` unless it has another name. */
export const remote = (
  options: RemoteRecipe['options'],
  more: Partial<Pick<RemoteRecipe, 'name' | 'url'>> = {},
): Named => ({
  name: `remote ${shown({ ...more, ...options })}`,
  edit: (recipe) => ({
    ...recipe,
    remotes: [...recipe.remotes, { name: 'edited', spelled: 'ssh', options, ...more }],
  }),
});

/** Two edits as one. */
export const both = (a: Named, b: Named): Named => ({
  name: `${a.name}, ${b.name}`,
  edit: (recipe) => (b.edit ?? ((one) => one))((a.edit ?? ((one) => one))(recipe)),
  call: (bottle, app) => {
    a.call?.(bottle, app);
    b.call?.(bottle, app);
  },
});

/** Something that is done to the declared bottle. */
export const done = (name: string, call: NonNullable<BadDefinition['call']>, at?: string): Named => ({
  name,
  call,
  ...(at === undefined ? {} : { at }),
});
