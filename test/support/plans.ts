/** Plans as the lowering makes them, for tests of what comes after it. */

import { type BottlePlan, type Daemon, inCanonicalOrder, type RoutePlan } from '../../lib/plan/index.ts';

export const SLUG = 'demo-abc12';

const route = (host: string, more: Partial<RoutePlan> = {}): RoutePlan => ({
  host,
  ports: [443],
  tlsPassthrough: false,
  privateUpstream: false,
  webSocket: false,
  ...more,
});

const ROUTES: readonly RoutePlan[] = [
  route('api.anthropic.com', {
    auth: { scheme: 'Bearer', from: 'CLAUDE_CODE_OAUTH_TOKEN', slot: 0 },
    tlsPassthrough: true,
  }),
  route('api.github.com', {
    methods: ['GET'],
    pathPrefixes: ['/repos/acme/'],
    auth: { scheme: 'Bearer', from: 'GH_TOKEN', slot: 1 },
  }),
  route('docs.example.org'),
];

/** A valid key blob of type ssh-ed25519; nobody holds its secret. */
export const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

/** The definition of api.md, for slug `demo-abc12`, with the daemons of `daemons` besides pipelock. */
export function planWith(daemons: readonly Daemon[], more: Partial<BottlePlan['sidecars']> = {}): BottlePlan {
  const has = (daemon: Daemon): boolean => daemons.includes(daemon);
  return {
    path: SLUG,
    slug: SLUG,
    app: 'acme-bottles',
    labels: {},
    agent: {
      path: `${SLUG}/Agent`,
      image: { kind: 'default' },
      command: ['sleep', 'infinity'],
      env: [
        { kind: 'literal', name: 'EDITOR', value: 'vim' },
        { kind: 'host', name: 'LANG', from: 'LANG' },
      ],
      mounts: [],
      skills: [],
      ...(has('git-gate') ? { workspace: { kind: 'clone', remote: 'app' } as const } : {}),
      resources: { memory: '4g', pids: 1024 },
      readOnlyRoot: true,
      overrides: [],
    },
    sidecars: {
      path: `${SLUG}/Sidecars`,
      image: { kind: 'default' },
      shape: 'bundle',
      daemons: inCanonicalOrder([...daemons, 'pipelock']),
      ...(has('egress')
        ? {
            egress: {
              path: `${SLUG}/Sidecars/Egress`,
              routes: ROUTES,
              tokens: ['CLAUDE_CODE_OAUTH_TOKEN', 'GH_TOKEN'],
            },
          }
        : {}),
      pipelock: {
        path: `${SLUG}/Sidecars/Pipelock`,
        allow: [],
        exposed: false,
        maxResponseBytes: 32 * 1024 * 1024,
        maxBodyBytes: 5 * 1024 * 1024,
      },
      ...(has('git-gate')
        ? {
            gitGate: {
              path: `${SLUG}/Sidecars/GitGate`,
              remotes: [
                {
                  name: 'app',
                  url: 'ssh://git@git.example.org/acme/app.git',
                  identityFile: '~/.ssh/id_ed25519',
                  knownHostKey: HOST_KEY,
                  access: 'push' as const,
                  protectedPaths: ['.github/workflows/**', '.gitlab-ci.yml'],
                  allow: { force: false, delete: false, tags: false },
                },
              ],
            },
          }
        : {}),
      ...(has('supervise') ? { supervise: { path: `${SLUG}/Sidecars/Supervise`, deadlineSeconds: 600 } } : {}),
      trustedCAs: [],
      egressNetwork: { kind: 'managed' },
      env: [],
      mounts: [],
      resources: { memory: '1g', pids: 512 },
      overrides: [],
      ...more,
    },
  };
}

export const fullMatrix = (): BottlePlan => planWith(['egress', 'pipelock', 'git-gate', 'supervise']);

/** Every subset of the daemons that a bottle may leave out. */
export const DAEMON_SUBSETS: readonly (readonly Daemon[])[] = (['egress', 'git-gate', 'supervise'] as const).reduce<
  readonly (readonly Daemon[])[]
>((all, daemon) => all.flatMap((subset) => [subset, [...subset, daemon]]), [[]]);

export const subsetName = (subset: readonly Daemon[]): string => ['pipelock', ...subset].join('+');

/** What makes pipelock reachable beside egress. */
export const exposed = (daemons: readonly Daemon[]): Partial<BottlePlan['sidecars']> => ({
  pipelock: { ...planWith(daemons).sidecars.pipelock, exposed: true },
});
