/** The probe of the way to the operator. */

import { join } from 'node:path';
import { build } from 'esbuild';
import type { Probe } from './probe.ts';

const TOOLS = ['capability-block', 'egress-block', 'list-egress-routes', 'pipelock-block'];

/** The client as one script, so that it runs in an agent that has nothing of ours. */
async function clientScript(): Promise<string> {
  const result = await build({
    entryPoints: [join(import.meta.dirname, 'mcp-client.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['claude-bottle-source'],
  });
  return result.outputFiles[0]?.text ?? '';
}

interface Listed {
  readonly server: string;
  readonly tools: readonly string[];
}

export const superviseTools: Probe = {
  title: 'List supervise’s tools with an MCP client',
  expected: 'allowed',
  run: async ({ agent, slug }) => {
    const outcome = await agent('node --input-type=module -', await clientScript());
    const listed = outcome.exitCode === 0 ? (JSON.parse(outcome.stdout) as Listed) : { server: 'none', tools: [] };
    const complete = TOOLS.every((tool) => listed.tools.includes(tool));
    return {
      ok: complete && listed.server === 'claude-bottle-supervise',
      seen: complete ? [...listed.tools].sort().join(', ') : (outcome.stderr.trim().split('\n').at(-1) ?? ''),
      arrived: complete ? `answered by ${listed.server} of ${slug}` : 'NOTHING',
    };
  },
};
