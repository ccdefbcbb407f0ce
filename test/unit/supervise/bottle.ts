/** A supervise server on the loopback with a queue of its own, and clients for it. */

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { HttpLimits } from '../../../images/sidecars/supervise/http.ts';
import { PENDING_LIMITS, type PendingLimits } from '../../../images/sidecars/supervise/pending.ts';
import { type Proposal, type ProposalResponse, responseFile } from '../../../images/sidecars/supervise/proposal.ts';
import { createSupervise, type Supervise } from '../../../images/sidecars/supervise/supervise.ts';

export interface LoggedEvent {
  readonly event: string;
  readonly [field: string]: string | number;
}

export interface BottleOptions {
  readonly deadlineSeconds?: number;
  readonly credentials?: readonly string[];
  readonly pendingLimits?: Partial<PendingLimits>;
  readonly httpLimits?: HttpLimits;
  readonly progressMs?: number;
  /** Directory of an earlier bottle, to start again over its queue. */
  readonly directory?: string;
  readonly port?: number;
}

/** Looks every few milliseconds until `find` finds something; throws in time for the test to fail by it. */
export async function eventually<Found>(find: () => Found | undefined | Promise<Found | undefined>): Promise<Found> {
  const end = Date.now() + 8_000;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`still nothing: ${find}`);
    await sleep(10);
  }
}

/** A running server; `stop()` ends it, `remove()` also deletes its directory. */
export class TestBottle {
  readonly directory: string;
  readonly events: LoggedEvent[];
  readonly port: number;
  readonly #supervise: Supervise;
  readonly #clients: Client[] = [];

  private constructor(directory: string, events: LoggedEvent[], supervise: Supervise) {
    this.directory = directory;
    this.events = events;
    this.#supervise = supervise;
    this.port = (supervise.http.address() as AddressInfo).port;
  }

  static async start(options: BottleOptions = {}): Promise<TestBottle> {
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'supervise-test-'));
    const queueDirectory = join(directory, 'queue');
    mkdirSync(queueDirectory, { recursive: true });
    chmodSync(queueDirectory, 0o2770);
    const events: LoggedEvent[] = [];
    const supervise = await createSupervise({
      config: {
        slug: 'demo',
        host: '127.0.0.1',
        port: 0,
        deadlineSeconds: options.deadlineSeconds ?? 60,
        credentials: options.credentials ?? ['GH_TOKEN'],
        queueDirectory,
        digest: 'd'.repeat(64),
      },
      policyFiles: {
        routes: join(directory, 'routes.yaml'),
        pipelock: join(directory, 'pipelock.yaml'),
        events: join(directory, 'events'),
      },
      log: (event, fields) => events.push({ ...fields, event }),
      pendingLimits: { ...PENDING_LIMITS, pollMs: 20, ...options.pendingLimits },
      ...(options.httpLimits === undefined ? {} : { httpLimits: options.httpLimits }),
      ...(options.progressMs === undefined ? {} : { progressMs: options.progressMs }),
    });
    await new Promise<void>((resolve) => supervise.http.listen(options.port ?? 0, '127.0.0.1', resolve));
    return new TestBottle(directory, events, supervise);
  }

  get queue(): string {
    return join(this.directory, 'queue');
  }

  async client(): Promise<Client> {
    const client = new Client({ name: 'test', version: '0' });
    const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${this.port}/mcp`));
    // The SDK's own types disagree under exactOptionalPropertyTypes about the transport's optional session id.
    await client.connect(transport as Parameters<Client['connect']>[0]);
    this.#clients.push(client);
    return client;
  }

  /** Ids of the proposals in the queue that have no response, as soon as there are `count`. */
  async waiting(count: number): Promise<readonly string[]> {
    return eventually(() => {
      const names = readdirSync(this.queue);
      const ids = names.filter((name) => name.endsWith('.proposal.json')).map((name) => name.slice(0, 36));
      const open = ids.filter((id) => !names.includes(responseFile(id)));
      return open.length === count ? open : undefined;
    });
  }

  /** The first proposal in the queue, once it is there. */
  async proposal(): Promise<Proposal> {
    const name = await eventually(() => readdirSync(this.queue).find((entry) => entry.endsWith('.proposal.json')));
    return JSON.parse(readFileSync(join(this.queue, name), 'utf8')) as Proposal;
  }

  /** Answers as the operator's CLI does: a temporary file, then a rename. */
  respond(response: Omit<ProposalResponse, 'version'>): void {
    const temporary = join(this.queue, '.answer.tmp');
    writeFileSync(temporary, JSON.stringify({ version: 1, ...response }));
    renameSync(temporary, join(this.queue, responseFile(response.id)));
  }

  /** Waits until an event of that name was logged. */
  async logged(event: string): Promise<LoggedEvent> {
    return eventually(() => this.events.find((one) => one.event === event));
  }

  /** Status and body of a plain HTTP request, with exactly these headers. */
  async http(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body = '',
  ): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, method, path, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Ends the server alone: its clients find out by themselves. */
  stop(): void {
    this.#supervise.close();
  }

  async remove(): Promise<void> {
    for (const client of this.#clients) await client.close().catch(() => undefined);
    this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const EGRESS_CALL = {
  name: 'egress-block',
  arguments: { host: 'docs.example.org', justification: 'to read the manual' },
};

export const egressCall = (host: string, justification = 'x') => ({
  name: 'egress-block',
  arguments: { host, justification },
});

export const textOf = (result: CallToolResult): string =>
  result.content.map((part) => (part.type === 'text' ? part.text : '')).join('');

/** Calls a tool; the result always has content. */
export async function callTool(
  client: Client,
  params: { name: string; arguments?: Record<string, unknown> },
): Promise<CallToolResult> {
  return (await client.callTool(params)) as CallToolResult;
}
