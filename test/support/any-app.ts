/** Valid definitions, generated: as data first, so that a test can change one thing and declare the app from that. */

import {
  type AgentProps,
  App,
  Auth,
  Bottle,
  EnvValue,
  GitRemote,
  HostEnv,
  Mount,
  Network,
  Route,
  type RouteOptions,
  type SidecarBundleProps,
  Workspace,
} from 'claude-bottle';
import fc from 'fast-check';
import { HOST_KEY } from './plans.ts';

/** A route but for its credential. */
export interface RouteRecipe {
  readonly host: string;
  readonly options: RouteOptions;
  readonly credential?: string;
}

export interface BottleRecipe {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly hostEnv: readonly string[];
  readonly mounts: readonly Mount[];
  readonly agent: AgentProps;
  readonly routes: readonly RouteRecipe[];
  readonly remotes: readonly string[];
  readonly clones: boolean;
  readonly sidecars: SidecarBundleProps;
}

const label = fc.stringMatching(/^[a-z][a-z0-9]{1,6}-?[a-z0-9]{1,5}$/);
const host = fc.tuple(label, label).map(([name, zone]) => `${name}.${zone}.example`);

const distinct = (from: readonly string[], maxLength: number) =>
  fc.uniqueArray(fc.constantFrom(...from), { minLength: 1, maxLength });

/** `record` with each of its keys there or not. */
const optional = <T extends object>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(record, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const route: fc.Arbitrary<RouteRecipe> = fc.record(
  {
    host,
    options: optional<RouteOptions>({
      methods: distinct(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], 4),
      pathPrefixes: distinct(['/v1/', '/v2/', '/repos/acme/', '/search', '/a%20b/'], 3),
      ports: distinct(['443', '8443', '10443'], 3).map((ports) => ports.map(Number)),
      tlsPassthrough: fc.boolean(),
      privateUpstream: fc.boolean(),
      webSocket: fc.boolean(),
    }),
    credential: fc.constantFrom('API_CREDENTIAL', 'OTHER_CREDENTIAL', 'THIRD_CREDENTIAL'),
  },
  { requiredKeys: ['host', 'options'] },
);

const text = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });

const mount: fc.Arbitrary<Mount> = fc.oneof(
  fc.tuple(label, fc.boolean()).map(([name, readOnly]) => Mount.bind(`data/${name}`, `/data/${name}`, { readOnly })),
  label.map((name) => Mount.volume(name, `/srv/${name}`)),
  label.map((name) => Mount.tmpfs(`/scratch/${name}`, { size: '64m' })),
);

const targetOf = (one: Mount): string => String(one.given['target']);

/** Stands for a network whose subnet no other bottle of the app has. */
const OWN_SUBNET = Network.managed({ subnet: '10.77.0.0/24' });

const withSubnetOf = (index: number, recipe: Omit<BottleRecipe, 'id'>): Omit<BottleRecipe, 'id'> =>
  recipe.sidecars.egressNetwork === OWN_SUBNET
    ? { ...recipe, sidecars: { ...recipe.sidecars, egressNetwork: Network.managed({ subnet: `10.77.${index}.0/24` }) } }
    : recipe;

const bottle: fc.Arbitrary<Omit<BottleRecipe, 'id'>> = fc.record({
  labels: fc.dictionary(label, text, { maxKeys: 3 }),
  env: fc.dictionary(fc.stringMatching(/^APP_[A-Z]{1,8}$/), text, { maxKeys: 4 }),
  hostEnv: fc.uniqueArray(fc.constantFrom('LANG', 'TZ', 'COLORTERM'), { maxLength: 3 }),
  mounts: fc.uniqueArray(mount, { maxLength: 3, selector: targetOf }),
  agent: optional<AgentProps>({
    command: fc.constant(['sleep', 'infinity']),
    resources: fc.constantFrom({ memory: '2g' }, { cpus: 1.5, pids: 900 }),
    user: fc.constantFrom('1000', '1000:1000', 'agent'),
    runtime: fc.constant('runsc'),
    readOnlyRoot: fc.constant(true),
  }),
  routes: fc.uniqueArray(route, { maxLength: 6, selector: (one) => one.host }),
  remotes: fc.uniqueArray(label, { maxLength: 3 }),
  clones: fc.boolean(),
  sidecars: optional<SidecarBundleProps>({
    shape: fc.constantFrom('bundle', 'split'),
    pipelock: fc.record({ allow: fc.uniqueArray(host, { maxLength: 3 }) }),
    supervise: fc.constantFrom(true, false, { deadlineSeconds: 60 }),
    trustedCAs: fc.constant(['certs/corp-ca.pem']),
    egressNetwork: fc.constantFrom(OWN_SUBNET, Network.managed(), Network.external('corp')),
    resources: fc.constantFrom({ memory: '2g' }, { cpus: 2, pids: 700 }),
  }),
});

/** One to three bottles of distinct ids. */
export const anyApp: fc.Arbitrary<readonly BottleRecipe[]> = fc
  .uniqueArray(fc.tuple(label, bottle), { minLength: 1, maxLength: 3, selector: ([id]) => id })
  .map((bottles) => bottles.map(([id, recipe], index) => ({ id, ...withSubnetOf(index, recipe) })));

const routeOf = ({ host: name, options, credential }: RouteRecipe): Route =>
  Route.to(name, credential === undefined ? options : { ...options, auth: Auth.bearer(HostEnv.of(credential)) });

const remoteOf = (name: string): GitRemote =>
  GitRemote.ssh(name, `ssh://git@git.${name}.example/acme/${name}.git`, {
    identityFile: `keys/${name}`,
    knownHostKey: HOST_KEY,
  });

function declareBottle(app: App, recipe: BottleRecipe): void {
  const { id, labels, env, hostEnv, mounts, agent, routes, remotes, clones, sidecars } = recipe;
  const [first] = remotes;
  const variables = Object.fromEntries(hostEnv.map((name) => [name, EnvValue.fromHost(name)]));
  new Bottle(app, id, {
    labels,
    agent: {
      env: { ...env, ...variables },
      mounts,
      ...agent,
      ...(clones && first !== undefined ? { workspace: Workspace.clone(first) } : {}),
    },
    sidecars: {
      ...(routes.length === 0 ? {} : { egress: { routes: routes.map(routeOf) } }),
      ...(remotes.length === 0 ? {} : { gitGate: { remotes: remotes.map(remoteOf) } }),
      ...sidecars,
    },
  });
}

/** The app that `recipes` describe; declared and not yet synthesized. */
export function appFrom(recipes: readonly BottleRecipe[]): App {
  const app = new App();
  for (const recipe of recipes) declareBottle(app, recipe);
  return app;
}
