/** The policy that synth rendered, read back from its files. */

import { z } from 'zod';
import { BottleError } from '../../errors.ts';
import { NO_HOST, type RouteEntry } from '../../plan/index.ts';
import { parsedYaml } from '../../render/yaml.ts';

/** The two policy files of a bottle; `routes` is absent without egress. */
export interface PolicyTexts {
  readonly routes?: string;
  readonly pipelock: string;
}

const routeEntry = z.looseObject({
  host: z.string(),
  ports: z.array(z.int()),
  methods: z.array(z.string()).optional(),
  pathPrefixes: z.array(z.string()).optional(),
  auth: z.looseObject({ scheme: z.string(), slot: z.int() }).optional(),
  webSocket: z.literal(true).optional(),
  grant: z.looseObject({ id: z.string(), expires: z.string().optional() }).optional(),
});

const routesFile = z.looseObject({ routes: z.array(routeEntry) });

const pipelockFile = z.looseObject({
  api_allowlist: z.array(z.string()),
  tls_interception: z.looseObject({ passthrough_domains: z.array(z.string()) }),
  request_body_scanning: z.looseObject({ ignore_headers: z.array(z.string()) }),
});

export type PipelockDocument = z.infer<typeof pipelockFile>;
export interface RoutesDocument extends Readonly<Record<string, unknown>> {
  readonly routes: readonly RouteEntry[];
}

/** The files as documents; what they hold beyond the parts that live changes touch is carried along. */
export interface Policy {
  readonly routes?: RoutesDocument;
  readonly pipelock: PipelockDocument;
}

function parsed<T>(name: string, text: string, schema: z.ZodType<T>): T {
  try {
    const document: unknown = parsedYaml(text);
    schema.parse(document);
    // Not what zod returns: it would put the keys in another order than the renderers do.
    return document as T;
  } catch (cause) {
    throw new BottleError('state/bad-policy', `${name} of the state directory is not one that synth renders`, {
      fix: 'run bottle deploy, which writes it anew',
      cause,
    });
  }
}

export function parsePolicy({ routes, pipelock }: PolicyTexts): Policy {
  return {
    ...(routes === undefined ? {} : { routes: parsed('routes.yaml', routes, routesFile) as RoutesDocument }),
    pipelock: parsed('pipelock.yaml', pipelock, pipelockFile),
  };
}

/** The hosts and wildcards that pipelock lets through. */
export const allowlist = ({ pipelock }: Policy): readonly string[] =>
  pipelock.api_allowlist.filter((entry) => entry !== NO_HOST);

/** Whether the agent can reach pipelock only through egress: only then does pipelock skip what egress injects. */
export const isInnerHop = ({ pipelock, routes }: Policy): boolean =>
  routes !== undefined && pipelock.request_body_scanning.ignore_headers.includes('authorization');

/** The wildcard of the allowlist that covers `host`. */
export const coveringWildcard = (entries: readonly string[], host: string): string | undefined =>
  entries.find((entry) => entry.startsWith('*.') && entry !== host && host.endsWith(entry.slice(1)));

/** Whether pipelock alone lets `host` through as declared, unscanned if `spliced` asks for that. */
export function isAllowed(policy: Policy, host: string, spliced: boolean): boolean {
  const entries = allowlist(policy);
  const { passthrough_domains: passthrough } = policy.pipelock.tls_interception;
  const isListed = entries.includes(host) || coveringWildcard(entries, host) !== undefined;
  return isListed && (!spliced || passthrough.includes(host) || coveringWildcard(passthrough, host) !== undefined);
}
