/** The daemon, put together from its parts. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { SuperviseConfig } from './config.ts';
import { type HttpLimits, superviseHttpServer } from './http.ts';
import type { Log } from './log.ts';
import { type McpOptions, mcpServer } from './mcp.ts';
import { Pending, type PendingLimits } from './pending.ts';
import { Queue } from './queue.ts';
import { isReachable, type PolicyFiles } from './routes.ts';

const BODY_MAX = 65_536;
const KEEP_ALIVE_MS = 15_000;
const VERSION = '1.0.0';

export interface SuperviseOptions {
  readonly config: SuperviseConfig;
  readonly policyFiles: PolicyFiles;
  readonly log: Log;
  readonly pendingLimits?: PendingLimits;
  readonly httpLimits?: HttpLimits;
  readonly progressMs?: number;
}

export interface Supervise {
  readonly http: Server;
  /** Ends every connection; proposals stay in the queue. */
  close(): void;
}

/** Serves one request without a session, so that an agent's client outlives any restart of this daemon. */
async function serveOnce(options: McpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const server = mcpServer(options);
  const transport = new StreamableHTTPServerTransport({ maxRequestBodySize: BODY_MAX, keepAliveMs: KEEP_ALIVE_MS });
  response.once('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

/** Checks the queue, takes up what waits in it, and returns the server, which does not listen yet. */
export async function createSupervise(options: SuperviseOptions): Promise<Supervise> {
  const { config, log } = options;
  const queue = new Queue(config.queueDirectory, log);
  await queue.check();
  const pending = new Pending({
    queue,
    slug: config.slug,
    deadlineSeconds: config.deadlineSeconds,
    log,
    isInForce: (request) => isReachable(request, options.policyFiles),
    ...(options.pendingLimits === undefined ? {} : { limits: options.pendingLimits }),
  });
  await pending.recover();
  const mcp: McpOptions = {
    version: VERSION,
    credentials: config.credentials,
    deadlineSeconds: config.deadlineSeconds,
    policyFiles: options.policyFiles,
    pending,
    log,
    ...(options.progressMs === undefined ? {} : { progressMs: options.progressMs }),
  };
  const http = superviseHttpServer({
    slug: config.slug,
    host: config.host,
    digest: config.digest,
    mcp: (request, response) => serveOnce(mcp, request, response),
    ...(options.httpLimits === undefined ? {} : { limits: options.httpLimits }),
  });
  return {
    http,
    close() {
      pending.stop();
      http.close();
      http.closeAllConnections();
    },
  };
}
