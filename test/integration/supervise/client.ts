/**
 * Runs inside the agent: one call of a tool by the SDK's own client, as `CALL` says, and its result as JSON. With
 * `LEAVE_MS` the client goes away after that time, whatever the call does.
 */

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { SUPERVISE_MCP_URL } from '../../../lib/plan/index.ts';

const call = JSON.parse(process.env['CALL'] ?? '{}') as { name: string; arguments: Record<string, unknown> };
const leave = Number(process.env['LEAVE_MS'] ?? '0');

const client = new Client({ name: 'supervise-integration', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(SUPERVISE_MCP_URL)));
if (leave > 0) {
  setTimeout(() => {
    process.stdout.write(JSON.stringify({ left: true }));
    process.exit(0);
  }, leave);
}
const { structuredContent, isError, content } = await client.callTool(call, undefined, { timeout: 240_000 });
process.stdout.write(JSON.stringify({ ...(structuredContent ?? {}), isError: isError === true, content }));
await client.close();
