/** The agent's and the operator's side of one bottle. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import type { Site } from '../../../examples/demo/internet/internet.ts';
import type { OpenStage } from '../../../examples/demo/stage.ts';
import { readQueue } from '../../../lib/operate/proposals/index.ts';

export interface ToolResult {
  readonly id?: string;
  readonly status?: string;
  readonly notes?: string;
  readonly isError?: boolean;
  readonly left?: boolean;
  readonly content?: readonly { readonly text?: string }[];
  readonly [key: string]: unknown;
}

export interface Told {
  readonly exitCode: number;
  /** Parsed from stdout. */
  readonly data: Record<string, unknown>;
  readonly stderr: string;
}

export interface Sides {
  /** Calls a tool from inside the agent's container. */
  call(name: string, args: object, leaveMs?: number): Promise<ToolResult>;
  /** `bottle supervise <slug> … --json`. */
  supervise(...args: string[]): Promise<Told>;
  /** The id of the proposal that waits and whose text holds `words`, once it is there. */
  waiting(words: string): Promise<string>;
  /** HTTP status that the agent's curl sees. */
  status(url: string, ...options: string[]): Promise<string>;
  /** Whether a request with this path arrived at the site. */
  arrived(site: Site, path: string): Promise<boolean>;
}

let script: Promise<string> | undefined;

async function bundled(): Promise<string> {
  const result = await build({
    entryPoints: [join(import.meta.dirname, 'client.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['claude-bottle-source'],
  });
  return result.outputFiles[0]?.text ?? '';
}

const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export function sidesOf(stage: OpenStage): Sides {
  const supervise = async (...args: string[]): Promise<Told> => {
    const { exitCode, stdout, stderr } = await stage.bottle('supervise', stage.slug, ...args, '--json');
    return { exitCode, data: stdout.trim() === '' ? {} : JSON.parse(stdout), stderr };
  };
  const called = async (name: string, args: object, leaveMs: number): Promise<ToolResult> => {
    script ??= bundled();
    const call = JSON.stringify({ name, arguments: args });
    const outcome = await stage.agent(
      `CALL=${word(call)} LEAVE_MS=${leaveMs} node --input-type=module -`,
      await script,
    );
    if (outcome.exitCode !== 0) throw new Error(`the client failed:\n${outcome.stderr}`);
    return JSON.parse(outcome.stdout) as ToolResult;
  };
  return {
    supervise,
    call: (name, args, leaveMs = 0) => {
      const result = called(name, args, leaveMs);
      // Whoever waits for it hears a failure; a test that failed before that must not end the whole file.
      result.catch(() => undefined);
      return result;
    },
    waiting: async (words) => {
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
        const { open } = await readQueue(join(stage.home, 'state', stage.slug), stage.slug);
        const found = open.find((proposal) => JSON.stringify(proposal).includes(words));
        if (found !== undefined) return found.id;
      }
      throw new Error(`no proposal with ${words} waits`);
    },
    status: async (url, ...options) => {
      const { stdout } = await stage.agent(
        `curl -sS -o /dev/null -w '%{http_code}' --max-time 20 ${options.map(word).join(' ')} ${word(url)}`,
      );
      return stdout.trim();
    },
    arrived: async (site, path) => (await stage.internet.received(site)).some(({ url }) => url === path),
  };
}
