/** What the bottle may reach now, read afresh from the files that egress and pipelock run on, and what stands in the way. */

import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { DAEMONS } from '../../../lib/plan/daemons.ts';
import { crashLoops, readEvents } from './events.ts';
import type { ProposalRequest } from './proposal.ts';

export interface PolicyFiles {
  /** `routes.yaml`; there is none in a bottle without egress. */
  readonly routes: string;
  readonly pipelock: string;
  /** Directory of the init's events; a bottle may have none. */
  readonly events: string;
}

export const Reachable = z.object({
  /** Daemon whose policy this is: the one that the agent's requests meet first. */
  source: z.enum(['egress', 'pipelock']),
  routes: z.array(
    z.object({
      host: z.string(),
      ports: z.array(z.number()).optional(),
      methods: z.array(z.string()).optional(),
      pathPrefixes: z.array(z.string()).optional(),
      webSocket: z.boolean().optional(),
      /** Name of the credential that is injected; never its value, which this process does not have. */
      credential: z.string().optional(),
      /** When an operator's grant ends. */
      expires: z.string().optional(),
    }),
  ),
  /** Daemons that fail again and again; as long as they do, what needs them is refused. */
  crashLoops: z.array(z.object({ daemon: z.enum(DAEMONS), restarts: z.number(), since: z.string() })),
});
export type Reachable = z.infer<typeof Reachable>;

/** Only the keys shown to the agent; whether the file is valid as a whole is for the daemon that enforces it. */
const RoutesFile = z.object({
  routes: z.array(
    z.object({
      host: z.string(),
      ports: z.array(z.int()),
      methods: z.array(z.string()).optional(),
      pathPrefixes: z.array(z.string()).optional(),
      webSocket: z.boolean().optional(),
      auth: z.object({ slot: z.int().min(0) }).optional(),
      grant: z.object({ expires: z.string().optional() }).optional(),
    }),
  ),
});

const PipelockFile = z.object({ api_allowlist: z.array(z.string()) });

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (reason) {
    if (reason instanceof Error && 'code' in reason && reason.code === 'ENOENT') return undefined;
    throw reason;
  }
}

/** The routes of egress, or pipelock's allowlist in a bottle without egress. Throws if neither file can be read. */
export async function reachable(files: PolicyFiles, credentials: readonly string[]): Promise<Reachable> {
  const { events } = await readEvents(files.events);
  const loops = crashLoops(events, Date.now());
  const routes = await textOf(files.routes);
  if (routes !== undefined) {
    return Reachable.parse({
      source: 'egress',
      crashLoops: [...loops],
      routes: RoutesFile.parse(parse(routes)).routes.map(({ auth, grant, ...route }) => ({
        ...route,
        credential: auth === undefined ? undefined : credentials[auth.slot],
        expires: grant?.expires,
      })),
    });
  }
  const pipelock = await textOf(files.pipelock);
  if (pipelock === undefined) throw new Error('no policy file of egress or pipelock is there');
  const { api_allowlist: hosts } = PipelockFile.parse(parse(pipelock));
  return { source: 'pipelock', crashLoops: [...loops], routes: hosts.map((host) => ({ host })) };
}

/** Whether the host that `request` is about is among those that may be reached; true of what is about no host. */
export async function isReachable(request: ProposalRequest, files: PolicyFiles): Promise<boolean> {
  if (request.tool === 'capability-block') return true;
  const host =
    request.tool === 'egress-block' ? request.arguments.host : new URL(request.arguments.failed_url).hostname;
  const { routes } = await reachable(files, []);
  return routes.some((route) => route.host === host);
}
