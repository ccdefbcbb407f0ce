/** The scanner as a whole: a listening proxy with a policy that can be replaced while it runs. */

import type { AddressInfo } from 'node:net';
import type { SecureContext } from 'node:tls';
import { downgrades } from './config/downgrades.ts';
import { ConfigError, loadConfig } from './config/load.ts';
import type { EventSink } from './events.ts';
import { RateLimit } from './judge/rate-limit.ts';
import { type Policy, policyOf } from './policy.ts';
import { loadAuthority } from './proxy/authority.ts';
import { BodyMemory } from './proxy/body.ts';
import type { Connector, Resolver } from './proxy/dial.ts';
import { Front } from './proxy/front.ts';
import { LeafCertificates } from './proxy/leaf-certificates.ts';
import { ContentJudge } from './scans/content-judge.ts';
import { CORE_PATTERNS } from './secrets/patterns.ts';
import { VERSION } from './version.ts';

export interface ScannerOptions {
  readonly configFile: string;
  readonly emit: EventSink;
  /** Lines for stderr, where pipelock reports a file that it cannot load. */
  readonly warn: (line: string) => void;
  readonly roots: SecureContext;
  readonly resolver: Resolver;
  readonly connector: Connector;
  /** The program that becomes `serveScans` in the processes that scan. */
  readonly programFile: string;
}

const BODY_MEMORY = 64 * 1024 * 1024;

export class Scanner {
  readonly #options: ScannerOptions;
  readonly #front: Front;
  readonly #content: ContentJudge;
  readonly #started = Date.now();
  #policy: Policy;

  /** Loads configuration and CA; throws `ConfigError` or `AuthorityError`. */
  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#policy = policyOf(loadConfig(options.configFile));
    const { ca_cert, ca_key } = this.#policy.config.tls_interception;
    const { emit, roots, resolver, connector } = options;
    this.#content = new ContentJudge(options.programFile);
    this.#front = new Front(
      {
        policy: () => this.#policy,
        resolver,
        connector,
        roots,
        leaves: new LeafCertificates(loadAuthority(ca_cert, ca_key)),
        rateLimit: new RateLimit(),
        bodyMemory: new BodyMemory(BODY_MEMORY),
        content: this.#content,
        emit,
      },
      () => this.health(),
    );
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Listens on `address`; the port that it got. */
  async listen(address: string, port: number): Promise<number> {
    const { server } = this.#front;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
    const bound = server.address() as AddressInfo;
    const { config, hash } = this.#policy;
    const listen = `${bound.address}:${bound.port}`;
    const fields = { listen, mode: config.mode, version: VERSION, config_hash: hash };
    this.#options.emit('info', 'startup', fields, 'pipelock started');
    return bound.port;
  }

  /** Reads the file again and takes it as the policy, unless it is broken or weaker; the old policy then stays. */
  reload(): void {
    const { configFile, emit, warn } = this.#options;
    const rejected = (error: string) => {
      emit('error', 'error', { method: 'CONFIG_RELOAD', resource: configFile, error }, 'request error');
    };
    let next: Policy;
    try {
      next = policyOf(loadConfig(configFile));
    } catch (reason) {
      if (!(reason instanceof ConfigError)) throw reason;
      for (const line of reason.message.split('\n')) warn(`pipelock: config reload failed: ${line}`);
      rejected(`rejected: ${reason.message.split('\n')[0] ?? ''}`);
      return;
    }
    const weaker = downgrades(this.#policy.config, next.config);
    if (weaker.length > 0) {
      for (const line of weaker) warn(`WARNING: config reload: ${line}`);
      rejected('rejected: security downgrade from strict mode');
      return;
    }
    this.#policy = next;
    this.#front.closeForbiddenTunnels();
    const fields = { status: 'success', detail: `mode=${next.config.mode}`, config_hash: next.hash };
    emit('info', 'config_reload', fields, 'configuration reloaded');
  }

  health(): object {
    return {
      status: 'healthy',
      version: VERSION,
      mode: this.#policy.config.mode,
      uptime_seconds: (Date.now() - this.#started) / 1000,
      dlp_patterns: CORE_PATTERNS.length,
      response_scan_enabled: false,
      git_protection_enabled: false,
      rate_limit_enabled: true,
      forward_proxy_enabled: true,
      websocket_proxy_enabled: false,
      request_body_scan_enabled: true,
      tls_interception_enabled: true,
      kill_switch_active: false,
    };
  }

  /** Stops listening and gives requests under way `graceMs` to end. */
  async close(reason: string, graceMs: number): Promise<void> {
    const { server, tunnels } = this.#front;
    this.#options.emit('info', 'shutdown', { reason }, 'pipelock stopping');
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    for (const tunnel of tunnels.open) if (tunnel.passthrough) tunnel.close();
    const timer = setTimeout(() => {
      for (const tunnel of tunnels.open) tunnel.close();
      server.closeAllConnections();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    this.#content.close();
  }
}
