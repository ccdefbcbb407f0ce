/** What deploy has to know of a bottle's `compose.yaml`. */

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { BottleError } from '../errors.ts';
import { AGENT_SERVICE, isInterpolated, plainText } from '../plan/index.ts';
import { parsedYaml } from '../render/yaml.ts';

const named = z.object({ name: z.string().optional(), external: z.boolean().optional() }).nullable();

const network = z
  .object({
    name: z.string().optional(),
    external: z.boolean().optional(),
    internal: z.boolean().optional(),
    driver_opts: z.record(z.string(), z.coerce.string()).optional(),
    ipam: z.object({ config: z.array(z.object({ subnet: z.string().optional() })).default([]) }).optional(),
  })
  .nullable();

const document = z.object({
  name: z.string(),
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      container_name: z.string(),
      user: z.string().optional(),
      environment: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).default([]),
      command: z.unknown().optional(),
      volumes: z.array(z.object({ target: z.string(), read_only: z.boolean().default(false) })).default([]),
      networks: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
  networks: z.record(z.string(), network).default({}),
  volumes: z.record(z.string(), named).default({}),
});

type Service = z.infer<typeof document>['services'][string];

export interface ComposeFileService {
  readonly name: string;
  readonly container: string;
  readonly image: string;
  /** Names on the engine of the networks that it is on. */
  readonly networks: readonly string[];
}

/** What the engine is asked for when it makes a network. */
export interface DeclaredNetwork {
  /** On the engine. */
  readonly name: string;
  readonly internal: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
}

export interface ComposeFile {
  readonly project: string;
  readonly services: readonly ComposeFileService[];
  /** Names on the engine of the networks and volumes that the project makes; external ones are not among them. */
  readonly networks: readonly string[];
  /** The {@link networks} as they are declared. */
  readonly declaredNetworks: readonly DeclaredNetwork[];
  /** Those of {@link networks} from which no way may lead out, nor to the host. */
  readonly isolated: readonly string[];
  readonly volumes: readonly string[];
  readonly agent: {
    readonly user?: string;
    /** `HOME`, where the definition sets it to a literal. */
    readonly home?: string;
    /** Where something is mounted. */
    readonly targets: readonly string[];
    /** Whether it does nothing but wait for somebody to enter. */
    readonly isIdle: boolean;
  };
  /** Where a mount is read-only: in the agent, or in the sidecars, which all mount the same of the definition. */
  readonly readOnlyTargets: (whose: 'agent' | 'sidecars') => ReadonlySet<string>;
}

type Named = z.infer<typeof named>;

const nameOf = (project: string, key: string, entry: Named | undefined): string =>
  entry?.name ?? (entry?.external === true ? key : `${project}_${key}`);

function madeNames(project: string, entries: Readonly<Record<string, Named>>): string[] {
  return Object.entries(entries).flatMap(([key, entry]) =>
    entry?.external === true ? [] : [nameOf(project, key, entry)],
  );
}

function declaredNetworks(project: string, entries: z.infer<typeof document>['networks']): readonly DeclaredNetwork[] {
  return Object.entries(entries).flatMap(([key, entry]) => {
    if (entry?.external === true) return [];
    const subnets = (entry?.ipam?.config ?? []).flatMap(({ subnet }) => subnet ?? []);
    const { internal = false, driver_opts: options = {} } = entry ?? {};
    return [{ name: nameOf(project, key, entry), internal, options, subnets }];
  });
}

/** The value that a service's environment gives `name`; undefined where that is compose's to find out. */
function literal(environment: Service['environment'], name: string): string | undefined {
  const entries = Array.isArray(environment)
    ? environment.map((entry) => /^([^=]*)=(.*)$/s.exec(entry)?.slice(1) ?? [])
    : Object.entries(environment);
  const [, value] = entries.find(([key]) => key === name) ?? [];
  return typeof value === 'string' && !isInterpolated(value) ? plainText(value) : undefined;
}

function agentOf(service: Service | undefined): ComposeFile['agent'] {
  if (service === undefined) return { targets: [], isIdle: false };
  const { user, environment, command, volumes } = service;
  const home = literal(environment, 'HOME');
  return {
    ...(user === undefined ? {} : { user: plainText(user) }),
    ...(home === undefined ? {} : { home }),
    targets: volumes.map(({ target }) => plainText(target)),
    isIdle: isDeepStrictEqual(command, ['sleep', 'infinity']),
  };
}

/** Parses `compose.yaml`. Throws if it is not the shape that synth renders. */
export function parseComposeFile(text: string): ComposeFile {
  let parsed: z.infer<typeof document>;
  try {
    parsed = document.parse(parsedYaml(text));
  } catch (cause) {
    throw new BottleError('deploy/bad-compose-file', 'compose.yaml is not one that synth renders', {
      fix: 'run bottle synth again',
      cause,
    });
  }
  const { name: project, services, networks, volumes } = parsed;
  const isolated = Object.fromEntries(Object.entries(networks).filter(([, entry]) => entry?.internal === true));
  return {
    project,
    services: Object.entries(services).map(([name, { image, container_name, networks: places }]) => ({
      name,
      container: container_name,
      image: plainText(image),
      networks: Object.keys(places).map((key) => nameOf(project, key, networks[key])),
    })),
    networks: madeNames(project, networks),
    declaredNetworks: declaredNetworks(project, networks),
    isolated: madeNames(project, isolated),
    volumes: madeNames(project, volumes),
    agent: agentOf(services[AGENT_SERVICE]),
    readOnlyTargets: (whose) => {
      const [, one] = Object.entries(services).find(([name]) => (name === AGENT_SERVICE) === (whose === 'agent')) ?? [];
      return new Set(one?.volumes.flatMap(({ target, read_only }) => (read_only ? [plainText(target)] : [])));
    },
  };
}
