/** Records and containers as operate finds them, for tests of what it makes of them. */

/** A container as a fake engine shows it. */
export interface Seen {
  readonly name: string;
  readonly service: string;
  readonly slug: string;
  readonly stateDir: string;
  readonly app?: string;
  readonly status?: string;
  readonly health?: string;
  readonly imageId?: string;
  readonly restarts?: number;
  readonly networks?: readonly string[];
}

/** What `docker container inspect --format '{{json .}}'` says of it. */
export function inspected(seen: Seen): string {
  const { name, service, slug, stateDir, app = 'app', status = 'running', health, imageId, restarts = 0 } = seen;
  const running = ['running', 'restarting', 'paused'].includes(status);
  const document = {
    Id: `id-of-${name}`,
    Name: `/${name}`,
    Image: imageId ?? (service === 'agent' ? 'sha256:agent' : 'sha256:sidecars'),
    RestartCount: restarts,
    State: {
      Status: status,
      Running: running,
      Restarting: status === 'restarting',
      ExitCode: running ? 0 : 3,
      StartedAt: '2026-01-31T12:00:00Z',
      ...(health === undefined ? {} : { Health: { Status: health, Log: [] } }),
    },
    Config: {
      Labels: {
        'claude-bottle.slug': slug,
        'claude-bottle.app': app,
        'com.docker.compose.service': service,
        'com.docker.compose.project.working_dir': stateDir,
      },
    },
    NetworkSettings: { Networks: Object.fromEntries((seen.networks ?? []).map((network) => [network, {}])) },
  };
  return `${JSON.stringify(document)}\n`;
}

/** A `deployed.json`. */
export const savedRecord = (more: object): object => ({
  version: 1,
  slug: 'demo',
  app: 'app',
  path: 'demo',
  projectDir: '/project',
  complete: true,
  daemons: ['egress', 'pipelock'],
  shape: 'bundle',
  images: {
    agent: { reference: 'agent:1', id: 'sha256:agent' },
    sidecars: { reference: 'sidecars:1', id: 'sha256:sidecars' },
  },
  scanner: 'builtin',
  assembly: {},
  hostVariables: [],
  tokens: [],
  ...more,
});
