/** The MCP side: one protocol server per request, all of them over the same queue. */

import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { Log } from './log.ts';
import { type Pending, QueueFull } from './pending.ts';
import type { ProposalResponse, Verdict } from './proposal.ts';
import { type PolicyFiles, type Reachable, reachable } from './routes.ts';
import { checkNoArguments, InvalidCall, LIST_TOOL, proposalRequest, toolList } from './tools.ts';

export const SERVER_NAME = 'claude-bottle-supervise';

/** Short enough for a client that gives up on a silent call after half a minute. */
const PROGRESS_MS = 10_000;

export interface McpOptions {
  readonly version: string;
  readonly credentials: readonly string[];
  readonly deadlineSeconds: number;
  readonly policyFiles: PolicyFiles;
  readonly pending: Pending;
  readonly log: Log;
  readonly progressMs?: number;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

const MEANING: Readonly<Record<Verdict, string>> = {
  approved: 'The operator approved it as asked.',
  modified: 'The operator approved something other than asked; the notes say what.',
  rejected: 'The operator rejected it. Do not ask for the same again; find another way or stop.',
  expired: 'No operator answered in time, which is a denial.',
};

function verdictResult({ id, status, notes = '' }: ProposalResponse): CallToolResult {
  const text = [`status: ${status}`, MEANING[status], ...(notes === '' ? [] : [`notes: ${notes}`])].join('\n');
  return { content: [{ type: 'text', text }], structuredContent: { id, status, notes } };
}

const refusal = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true });

const loopText = ({ daemon, since }: Reachable['crashLoops'][number]): string =>
  `${daemon} keeps failing since ${since}: what needs it is refused until the operator mends it; asking for more does not help.`;

/** Sends progress until the returned function is called, so that neither end takes the wait for a hang. */
function reportProgress(extra: Extra, options: McpOptions): () => void {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return () => {};
  const started = Date.now();
  const timer = setInterval(() => {
    const progress = Math.round((Date.now() - started) / 1_000);
    const params = { progressToken, progress, total: options.deadlineSeconds, message: 'waiting for the operator' };
    // A client that has gone is noticed by the transport, not here.
    extra.sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
  }, options.progressMs ?? PROGRESS_MS);
  return () => clearInterval(timer);
}

async function call(tool: string, args: unknown, extra: Extra, options: McpOptions): Promise<CallToolResult> {
  if (tool === LIST_TOOL) {
    checkNoArguments(args);
    const routes = await reachable(options.policyFiles, options.credentials);
    const text = [...routes.crashLoops.map(loopText), JSON.stringify(routes, null, 2)].join('\n');
    return { content: [{ type: 'text', text }], structuredContent: routes };
  }
  const request = proposalRequest(tool, args, options.credentials);
  if (request === undefined) return refusal('no such tool');
  const stop = reportProgress(extra, options);
  try {
    return verdictResult(await options.pending.propose(request, extra.signal));
  } finally {
    stop();
  }
}

/** An MCP server with the four tools; it serves one HTTP request and is closed with it. */
export function mcpServer(options: McpOptions): Server {
  const server = new Server({ name: SERVER_NAME, version: options.version }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: toolList() }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    try {
      return await call(params.name, params.arguments ?? {}, extra, options);
    } catch (reason) {
      if (reason instanceof InvalidCall) return refusal(`${params.name}: refused: ${reason.message}`);
      if (reason instanceof QueueFull) return refusal(`${params.name}: ${reason.message}`);
      if (!extra.signal.aborted) {
        options.log('failed', { what: 'call', reason: reason instanceof Error ? reason.message : 'unknown' });
      }
      // What went wrong inside is for the log; the agent learns that it has no permission.
      return refusal(`${params.name}: supervise failed, nothing was granted`);
    }
  });
  return server;
}
