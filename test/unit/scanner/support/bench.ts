/** A scanner with its outside: an origin behind public-looking addresses, a resolver that remembers what it was asked. */

import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { stringify } from 'yaml';
import { tcpConnector } from '../../../../images/sidecars/scanner/proxy/dial.ts';
import { Scanner } from '../../../../images/sidecars/scanner/scanner.ts';
import { type Issued, issueCa, issueLeaf } from './certificates.ts';
import { type Origin, startOrigin } from './origin.ts';

export interface LoggedEvent {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The address that every name of the tests has unless `names` says otherwise: public to the scanner. */
export const ADDRESS = '198.51.100.7';

/** What the processes that scan run in tests: the program from its source. */
export const PROGRAM_FILE = join(import.meta.dirname, 'program.mjs');

export const HOSTS = ['api.test', 'pass.test', 'other.test', 'corp.test', 'a.wild.test', 'wild.test'];

export function baseConfig(directory: string): Record<string, unknown> {
  return {
    version: 1,
    mode: 'strict',
    enforce: true,
    api_allowlist: ['api.test', 'pass.test', 'corp.test', '*.wild.test'],
    trusted_domains: ['corp.test'],
    fetch_proxy: { listen: '127.0.0.1:8888', monitoring: { max_requests_per_minute: 100_000 } },
    forward_proxy: { enabled: true, max_tunnel_seconds: 86_400, idle_timeout_seconds: 3_600 },
    tls_interception: {
      enabled: true,
      ca_cert: join(directory, 'ca.pem'),
      ca_key: join(directory, 'ca-key.pem'),
      passthrough_domains: ['pass.test'],
      max_response_bytes: 100_000,
    },
    request_body_scanning: {
      enabled: true,
      action: 'block',
      max_body_bytes: 200_000,
      scan_headers: true,
      header_mode: 'all',
      ignore_headers: ['connection', 'te', 'transfer-encoding', 'authorization'],
    },
    dlp: { scan_env: false },
    response_scanning: { enabled: true, action: 'block' },
    sentry: { enabled: false },
    logging: { format: 'json', output: 'stdout', include_allowed: true, include_blocked: true },
    metrics_listen: '127.0.0.1:9190',
  };
}

export class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), 'claude-bottle-scanner-'));
  readonly configFile = join(this.directory, 'pipelock.yaml');
  readonly events: LoggedEvent[] = [];
  readonly warnings: string[] = [];
  /** Names that were resolved, and addresses that were dialled. */
  readonly asked: string[] = [];
  readonly dialled: string[] = [];
  names: Record<string, string[]> = {};
  #parts:
    | { origin: Origin; plain: Origin; scanner: Scanner; port: number; proxyCa: Issued; originCa: Issued }
    | undefined;

  async start(change: (config: Record<string, unknown>) => void = () => {}): Promise<void> {
    const [proxyCa, originCa] = await Promise.all([issueCa(), issueCa()]);
    const origin = await startOrigin(await issueLeaf(originCa, HOSTS));
    const plain = await startOrigin();
    writeFileSync(join(this.directory, 'ca.pem'), proxyCa.pem);
    writeFileSync(join(this.directory, 'ca-key.pem'), proxyCa.sec1);
    chmodSync(join(this.directory, 'ca-key.pem'), 0o600);
    this.write(change);
    const scanner = new Scanner({
      configFile: this.configFile,
      emit: (level, event, fields) => this.events.push({ level, event, fields }),
      warn: (line) => this.warnings.push(line),
      roots: createSecureContext({ ca: originCa.pem }),
      programFile: PROGRAM_FILE,
      resolver: async (host) => {
        this.asked.push(host);
        return this.names[host] ?? [ADDRESS];
      },
      connector: (address, port) => {
        this.dialled.push(`${address}:${port}`);
        return tcpConnector('127.0.0.1', port === 80 ? plain.port : origin.port);
      },
    });
    const port = await scanner.listen('127.0.0.1', 0);
    this.#parts = { origin, plain, scanner, port, proxyCa, originCa };
  }

  /** Replaces the configuration file by rename, as deploy does. */
  write(change: (config: Record<string, unknown>) => void): void {
    const config = baseConfig(this.directory);
    change(config);
    this.writeText(stringify(config));
  }

  writeText(text: string): void {
    writeFileSync(`${this.configFile}.new`, text);
    renameSync(`${this.configFile}.new`, this.configFile);
  }

  get parts() {
    if (this.#parts === undefined) throw new Error('the bench was not started');
    return this.#parts;
  }

  /** Forgets what happened so far. */
  reset(): void {
    for (const list of [this.events, this.warnings, this.asked, this.dialled]) list.length = 0;
    this.parts.origin.arrivals.length = 0;
    this.parts.plain.arrivals.length = 0;
    this.names = {};
    this.parts.origin.respond = (_request, response) => response.end('hello');
  }

  eventsNamed(name: string): LoggedEvent[] {
    return this.events.filter(({ event }) => event === name);
  }

  async stop(): Promise<void> {
    const { scanner, origin, plain } = this.parts;
    await scanner.close('test', 0);
    await Promise.all([origin.close(), plain.close()]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}
