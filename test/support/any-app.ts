/** The app that generated recipes describe, declared as a user declares it. */

import {
  Agent,
  type AgentProps,
  App,
  Aspects,
  Auth,
  Bottle,
  type BottleProps,
  Construct,
  Egress,
  EnvValue,
  GitGate,
  GitRemote,
  HostEnv,
  type IConstruct,
  type IMixin,
  Mount,
  Route,
  Rules,
  SidecarBundle,
  type SidecarBundleProps,
  Workspace,
} from 'claude-bottle';
import type { AuthRecipe, BottleRecipe, RemoteRecipe, RouteRecipe } from './any-recipe.ts';
import { HOST_KEY } from './plans.ts';

export * from './any-recipe.ts';

function authOf(auth: AuthRecipe): Auth {
  const from = HostEnv.of(auth.from);
  switch (auth.scheme) {
    case 'bearer':
      return Auth.bearer(from);
    case 'token':
      return Auth.token(from);
    case 'basic':
      return Auth.basic(auth.user, from);
    case 'header':
      return Auth.header(auth.name, from);
  }
}

const routeOf = ({ host, options, auth }: RouteRecipe): Route =>
  Route.to(host, auth === undefined ? options : { ...options, auth: authOf(auth) });

const URLS: Readonly<Record<RemoteRecipe['spelled'], (name: string) => string>> = {
  ssh: (name) => `ssh://git@git.${name}.example/acme/${name}.git`,
  port: (name) => `ssh://git@git.${name}.example:2222/acme/${name}`,
  scp: (name) => `git@git.${name}.example:acme/${name}.git`,
};

const remoteOf = ({ name, spelled, url = URLS[spelled](name), options }: RemoteRecipe): GitRemote =>
  GitRemote.ssh(name, url, { identityFile: `keys/${name}`, knownHostKey: HOST_KEY, ...options });

function workspaceOf({ workspace, remotes, id }: BottleRecipe): Workspace | undefined {
  switch (workspace) {
    case 'none':
      return undefined;
    case 'clone':
      return remotes[0] === undefined ? undefined : Workspace.clone(remotes[0].name);
    case 'copy':
      return Workspace.copy(`../sources/${id}`);
    case 'bind':
      return Workspace.bind(`/srv/sources/${id}`);
    case 'bind read-only':
      return Workspace.bind(`~/sources/${id}`, { readOnly: true });
  }
}

function agentOf(recipe: BottleRecipe): AgentProps {
  const { env, hostEnv, asked, mounts, agent } = recipe;
  const workspace = workspaceOf(recipe);
  return {
    env: {
      ...env,
      ...Object.fromEntries(hostEnv.map((name) => [name, EnvValue.fromHost(name)])),
      ...Object.fromEntries(Object.entries(asked).map(([name, question]) => [name, EnvValue.ask(question)])),
    },
    mounts,
    ...agent,
    ...(workspace === undefined ? {} : { workspace }),
  };
}

const sidecarsOf = ({ routes, remotes, sidecars }: BottleRecipe): SidecarBundleProps => ({
  ...(routes.length === 0 ? {} : { egress: { routes: routes.map(routeOf) } }),
  ...(remotes.length === 0 ? {} : { gitGate: { remotes: remotes.map(remoteOf) } }),
  ...sidecars,
});

/** Adds one of everything that can be added to `node`; `how` keeps what it adds apart from what others add. */
function addTo(node: IConstruct, how: string): void {
  if (node instanceof Agent) {
    node.addEnv(`ADDED_BY_${how.toUpperCase()}`, how);
    node.addMount(Mount.volume(`added-by-${how}`, `/added/${how}`));
  }
  if (node instanceof Egress) node.addRoute(Route.to(`${how}.added.example`, { methods: ['GET'] }));
  if (node instanceof GitGate) node.addRemote(remoteOf({ name: `added-by-${how}`, spelled: 'ssh', options: {} }));
}

const mixin: IMixin = {
  supports: (construct) => construct instanceof Bottle,
  applyTo: (construct) => {
    for (const node of construct.node.findAll()) addTo(node, 'mixin');
  },
};

function extend(bottle: Bottle, { extensions }: BottleRecipe): void {
  if (extensions.includes('calls')) for (const node of bottle.node.findAll()) addTo(node, 'calls');
  if (extensions.includes('mixin')) bottle.with(mixin);
  if (extensions.includes('aspect')) Aspects.of(bottle).add({ visit: (node) => addTo(node, 'aspect') });
}

/** Ids of the warnings that a recipe has, and acknowledges if it acknowledges any. */
export const acknowledgeable = ({ routes, workspace }: BottleRecipe): readonly string[] => [
  ...(routes.some(({ options }) => options.tlsPassthrough) ? ['bottles::route-tls-passthrough'] : []),
  ...(routes.some(({ options }) => options.privateUpstream) ? ['bottles::route-private-upstream'] : []),
  ...(routes.some(({ options }) => options.webSocket) ? ['bottles::route-web-socket'] : []),
  ...(workspace === 'bind' ? ['bottles::workspace-bind'] : []),
];

function scopeOf(app: App, ids: readonly string[]): Construct {
  let scope: Construct = app;
  for (const id of ids) {
    const known = scope.node.tryFindChild(id);
    scope = known instanceof Construct ? known : new Construct(scope, id);
  }
  return scope;
}

function declareBottle(app: App, recipe: BottleRecipe): void {
  const { id, ownSlug, scope, parts, labels, overrides, acknowledges } = recipe;
  const common: BottleProps = { labels, ...(ownSlug ? { slug: `own-${id}` } : {}) };
  const inProps = parts === 'props' ? { agent: agentOf(recipe), sidecars: sidecarsOf(recipe) } : {};
  const bottle = new Bottle(scopeOf(app, scope), id, { ...common, ...inProps });
  if (parts === 'children, sidecars first') new SidecarBundle(bottle, 'Sidecars', sidecarsOf(recipe));
  if (parts !== 'props') new Agent(bottle, 'Agent', agentOf(recipe));
  if (parts === 'children') new SidecarBundle(bottle, 'Sidecars', sidecarsOf(recipe));
  for (const { on, path, value } of overrides) bottle[on].addOverride(path, value);
  extend(bottle, recipe);
  if (!acknowledges) return;
  for (const rule of acknowledgeable(recipe)) {
    Rules.of(bottle).acknowledge({ id: rule, reason: 'generated: reviewed by the test that made it' });
  }
}

/** The app that `recipes` describe; declared and not yet synthesized. */
export function appFrom(recipes: readonly BottleRecipe[], context: Readonly<Record<string, unknown>> = {}): App {
  const app = new App({ context });
  for (const recipe of recipes) declareBottle(app, recipe);
  return app;
}
