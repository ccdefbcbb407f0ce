import type { Auth } from './auth.ts';
import { Value } from './value.ts';

export interface RouteOptions {
  /**
   * Methods that the agent may use, upper case.
   * @default any but TRACE and CONNECT
   */
  readonly methods?: readonly string[];
  /**
   * Absolute paths below which requests are allowed; they match at segment boundaries.
   * @default any path
   */
  readonly pathPrefixes?: readonly string[];
  /**
   * TCP ports.
   * @default [443]
   */
  readonly ports?: readonly number[];
  /**
   * The credential that egress sets on every request of the route.
   * @default none
   */
  readonly auth?: Auth;
  /**
   * pipelock splices this host's TLS through instead of intercepting it, which switches its content scan off for the
   * host; egress still intercepts and injects. For model APIs and large downloads. Synth warns.
   * @default false
   */
  readonly tlsPassthrough?: boolean;
  /**
   * The host resolves to a private address; pipelock blocks it otherwise. Synth warns.
   * @default false
   */
  readonly privateUpstream?: boolean;
  /**
   * Requests may upgrade to a WebSocket.
   * @default false
   */
  readonly webSocket?: boolean;
}

/** One host that the agent may reach over HTTPS, and what it may do there. */
export class Route extends Value<'Route'> {
  /** A route to the exact host `host`, e.g. `api.github.com`: no scheme, port, path or wildcard. Case does not matter. */
  static to(host: string, options: RouteOptions = {}): Route {
    return new Route('Route', 'to', { host, options });
  }
}
