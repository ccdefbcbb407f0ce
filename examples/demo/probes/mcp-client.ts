/** Runs inside the agent: a Model Context Protocol client that prints the names of supervise's tools as JSON. */

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { SUPERVISE_MCP_URL } from '../../../lib/plan/index.ts';

const client = new Client({ name: 'claude-bottle-demo', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(SUPERVISE_MCP_URL)));
const { tools } = await client.listTools();
process.stdout.write(JSON.stringify({ server: client.getServerVersion()?.name, tools: tools.map(({ name }) => name) }));
await client.close();
