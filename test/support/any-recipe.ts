/** Valid definitions as generated data: a test can change one thing of a recipe and declare the app from that. */

import {
  AgentImage,
  type AgentProps,
  EnvValue,
  type GitRemoteOptions,
  Image,
  Mount,
  Network,
  type RouteOptions,
  type SidecarBundleProps,
} from 'claude-bottle';
import fc from 'fast-check';
import { HARMLESS_EDITS, type HarmlessEdit } from './harmless-edits.ts';

export type AuthRecipe =
  | { readonly scheme: 'bearer' | 'token'; readonly from: string }
  | { readonly scheme: 'basic'; readonly user: string; readonly from: string }
  | { readonly scheme: 'header'; readonly name: string; readonly from: string };

export interface RouteRecipe {
  readonly host: string;
  readonly options: Omit<RouteOptions, 'auth'>;
  readonly auth?: AuthRecipe;
}

export interface RemoteRecipe {
  readonly name: string;
  readonly spelled: 'ssh' | 'port' | 'scp';
  /** Instead of the one that `spelled` makes of the name. */
  readonly url?: string;
  readonly options: Partial<GitRemoteOptions>;
}

export interface BottleRecipe {
  readonly id: string;
  /** Whether `slug` is given, too. */
  readonly ownSlug: boolean;
  /** Ids of the constructs between the app and the bottle. */
  readonly scope: readonly string[];
  /** How agent and sidecars are declared. */
  readonly parts: 'props' | 'children' | 'children, sidecars first';
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly hostEnv: readonly string[];
  /** Questions by variable of the agent. */
  readonly asked: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly agent: AgentProps;
  readonly workspace: 'none' | 'clone' | 'copy' | 'bind' | 'bind read-only';
  readonly routes: readonly RouteRecipe[];
  readonly remotes: readonly RemoteRecipe[];
  readonly sidecars: SidecarBundleProps;
  readonly overrides: readonly HarmlessEdit[];
  /** What adds a variable, a mount, a route and a remote after the bottle is declared. */
  readonly extensions: readonly ('aspect' | 'mixin' | 'calls')[];
  /** Whether the warnings of routes and of a writable workspace are acknowledged. */
  readonly acknowledges: boolean;
}

const RESERVED = /^(?:sidecars|pipelock|egress|git-gate|supervise)(?:-|$)/;
const label = fc.stringMatching(/^[a-z][a-z0-9]{1,6}-?[a-z0-9]{1,5}$/).filter((text) => !RESERVED.test(text));
const host = fc.tuple(label, label).map(([name, zone]) => `${name}.${zone}.example`);

const distinct = (from: readonly string[], maxLength: number) =>
  fc.uniqueArray(fc.constantFrom(...from), { minLength: 1, maxLength });

/** `record` with each of its keys there or not. */
const optional = <T extends object>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(record, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const credential = fc.constantFrom('API_CREDENTIAL', 'OTHER_CREDENTIAL', 'THIRD_CREDENTIAL');

const auth: fc.Arbitrary<AuthRecipe> = fc.oneof(
  fc.record({ scheme: fc.constantFrom('bearer', 'token'), from: credential }),
  fc.record({ scheme: fc.constant('basic' as const), user: fc.constantFrom('bot', 'a b$c'), from: credential }),
  fc.record({
    scheme: fc.constant('header' as const),
    name: fc.constantFrom('X-Api-Key', 'PRIVATE-TOKEN'),
    from: credential,
  }),
);

const route: fc.Arbitrary<RouteRecipe> = fc.record(
  {
    host,
    options: optional<RouteRecipe['options']>({
      methods: distinct(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], 4),
      pathPrefixes: distinct(['/v1/', '/v2/', '/repos/acme/', '/search', '/a%20b/'], 3),
      ports: distinct(['443', '8443', '10443'], 3).map((ports) => ports.map(Number)),
      tlsPassthrough: fc.boolean(),
      privateUpstream: fc.boolean(),
      webSocket: fc.boolean(),
    }),
    auth,
  },
  { requiredKeys: ['host', 'options'] },
);

const remote: fc.Arbitrary<RemoteRecipe> = fc.record({
  name: label,
  spelled: fc.constantFrom('ssh', 'port', 'scp'),
  options: optional<RemoteRecipe['options']>({
    access: fc.constantFrom('read', 'push'),
    branches: distinct(['agent/*', 'agent/**', 'wip-?'], 3),
    protectedPaths: fc.uniqueArray(fc.constantFrom('.ci/**', 'deploy/*.yaml', 'Makefile'), { maxLength: 3 }),
    allow: optional({ force: fc.boolean(), delete: fc.boolean(), tags: fc.boolean() }),
  }),
});

const text = fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), fc.constantFrom('$HOME', '${X}', '5$$ $'));

/** Sources have the bottle's number: what one bottle writes is no other's. */
const mountOf = (index: number): fc.Arbitrary<Mount> =>
  fc.oneof(
    fc
      .tuple(label, fc.boolean())
      .map(([name, readOnly]) => Mount.bind(`data/${index}/${name}`, `/data/${name}`, { readOnly })),
    label.map((name) => Mount.volume(name, `/srv/${name}`)),
    label.map((name) => Mount.tmpfs(`/scratch/${name}`, { size: '64m' })),
    label.map((name) => Mount.tmpfs(`/scratch/${name}`)),
  );

const sidecarMountOf = (index: number): fc.Arbitrary<Mount> =>
  fc.oneof(
    label.map((name) => Mount.bind(`records/${index}/${name}`, `/data/${name}`)),
    label.map((name) => Mount.volume(`records-${name}`, `/srv/${name}`)),
    label.map((name) => Mount.tmpfs(`/scratch/${name}`, { size: '16m' })),
  );

const targetOf = (one: Mount): string => String(one.given['target']);

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const builtImage = (name: string): fc.Arbitrary<Image> =>
  optional({
    dockerfile: fc.constant('agent/Dockerfile'),
    args: fc.dictionary(fc.constantFrom('NODE_VERSION', 'BASE', 'LOCALE'), fc.constantFrom('22', 'a b', '$x'), {
      maxKeys: 3,
    }),
  }).map((options) => Image.build(`images/${name}`, options));

const image = (name: string): fc.Arbitrary<Image> =>
  fc.oneof(
    fc.constantFrom(
      Image.from('registry.example.com/team/image:1.2'),
      Image.from(`registry.example.com:5000/image@${DIGEST}`),
      Image.from(DIGEST),
    ),
    builtImage(name),
  );

const question = fc
  .tuple(label, fc.constantFrom('Which editor?', 'What does it cost, $5 or ${X}?', 'Grüße?'))
  .map((words) => words.join(': '));

const prompt = fc
  .array(fc.constantFrom('Be kind.', '', '\t- "quoted" $HOME `x`', 'Grüße ❤️', 'a: b # c'), { maxLength: 5 })
  .map((lines) => `Answer in English.\n${lines.join('\n')}`);

const skills = fc.uniqueArray(label, { maxLength: 3 }).map((names) => names.map((name) => `skills/${name}/`));

const MIB = 1024 ** 2;

const sidecarsOf = (index: number): fc.Arbitrary<SidecarBundleProps> =>
  optional<SidecarBundleProps>({
    image: image(`sidecars-${index}`),
    shape: fc.constantFrom('bundle', 'split'),
    pipelock: optional({
      allow: fc.uniqueArray(
        fc.oneof(
          host,
          label.map((name) => `*.${name}.example`),
        ),
        { maxLength: 3 },
      ),
      exposed: fc.boolean(),
      engine: fc.constantFrom('pipelock', 'builtin'),
      maxBodyBytes: fc.integer({ min: MIB, max: 32 * MIB }),
      maxResponseBytes: fc.integer({ min: MIB, max: 256 * MIB }),
    }),
    supervise: fc.constantFrom(true, false, { deadlineSeconds: 60 }),
    trustedCAs: fc.constantFrom(['certs/corp-ca.pem'], ['certs/corp-ca.pem', '/etc/ssl/other.pem']),
    egressNetwork: fc.constantFrom(
      Network.managed({ subnet: `10.77.${index}.0/24` }),
      Network.managed(),
      Network.external('corp'),
    ),
    env: fc
      .constantFrom('C.UTF-8', EnvValue.fromHost('LANG'), EnvValue.ask('Which language?'))
      .map((LANG) => ({ LANG })),
    mounts: fc.uniqueArray(sidecarMountOf(index), { maxLength: 2, selector: targetOf }),
    resources: fc.constantFrom({ memory: '2g' }, { cpus: 2, pids: 700 }),
  });

const agentProps = (index: number): fc.Arbitrary<AgentProps> =>
  optional<AgentProps>({
    image: fc.oneof(
      image(`agent-${index}`),
      fc.constantFrom(AgentImage.claudeCode(), AgentImage.claudeCode({ version: '2.0.14' })),
    ),
    command: fc.constantFrom(['sleep', 'infinity'], ['sh', '-c', 'echo "$HOME" $$; sleep 1d']),
    resources: fc.constantFrom({ memory: '2g' }, { cpus: 1.5, pids: 900 }),
    user: fc.constantFrom('1000', '1000:1000', 'agent'),
    runtime: fc.constant('runsc'),
    readOnlyRoot: fc.boolean(),
    skills,
    prompt,
  });

/** At most one override of a path: two would be one too many for what is read back. */
const overrides = fc.uniqueArray(fc.constantFrom(...HARMLESS_EDITS), {
  maxLength: 4,
  selector: ({ on, path }) => `${on} ${path}`,
});

const bottle = (index: number): fc.Arbitrary<Omit<BottleRecipe, 'id'>> =>
  fc
    .record({
      ownSlug: fc.boolean(),
      scope: fc.constantFrom([], ['Team'], ['Team', 'Nightly']),
      parts: fc.constantFrom('props', 'children', 'children, sidecars first'),
      labels: fc.dictionary(label, text, { maxKeys: 3 }),
      env: fc.dictionary(fc.stringMatching(/^APP_[A-Z]{1,8}$/), text, { maxKeys: 4 }),
      hostEnv: fc.uniqueArray(fc.constantFrom('LANG', 'TZ', 'COLORTERM'), { maxLength: 3 }),
      asked: fc.dictionary(fc.constantFrom('ASKED_EDITOR', 'ASKED_TEAM'), question, { maxKeys: 2 }),
      mounts: fc.uniqueArray(mountOf(index), { maxLength: 3, selector: targetOf }),
      agent: agentProps(index),
      workspace: fc.constantFrom('none', 'clone', 'copy', 'bind', 'bind read-only'),
      routes: fc.uniqueArray(route, { maxLength: 6, selector: (one) => one.host }),
      remotes: fc.uniqueArray(remote, { maxLength: 3, selector: ({ name }) => name }),
      sidecars: sidecarsOf(index),
      overrides: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: overrides }),
      extensions: fc.uniqueArray(fc.constantFrom('aspect', 'mixin', 'calls'), { maxLength: 3 }),
      acknowledges: fc.boolean(),
    })
    .map((recipe) => {
      // A writable workspace of the host is refused beside these.
      const { runtime: _, readOnlyRoot: __, ...agent } = recipe.agent;
      return recipe.workspace === 'bind' ? { ...recipe, agent } : recipe;
    });

/** One to three bottles of distinct ids. */
export const anyApp: fc.Arbitrary<readonly BottleRecipe[]> = fc
  .tuple(fc.uniqueArray(label, { minLength: 1, maxLength: 3 }), bottle(0), bottle(1), bottle(2))
  .map(([ids, ...recipes]) =>
    recipes.slice(0, ids.length).map((recipe, index) => ({ id: ids[index] ?? '', ...recipe })),
  );

/** The context that an app may be given. */
export const anyContext: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(
  fc.constant({}),
  fc.constantFrom({ suffix: 'ci7' }, { suffix: 'a1-b2' }, { suffix: '' }),
);
