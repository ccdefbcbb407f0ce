/** Names to sockets: resolved once, judged, and the very address that was judged is dialled. */

import { lookup } from 'node:dns/promises';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { addressClass } from '../judge/address.ts';
import type { Policy } from '../policy.ts';
import { type Refusal, refusal } from '../refusal.ts';

/** All addresses of a name. */
export type Resolver = (host: string) => Promise<readonly string[]>;
export type Connector = (address: string, port: number) => Promise<Socket>;

const RESOLVE_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;

export const systemResolver: Resolver = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

export const tcpConnector: Connector = (address, port) =>
  new Promise((resolve, reject) => {
    const socket = tcpConnect({ host: address, port, allowHalfOpen: true, noDelay: true });
    const timer = setTimeout(() => socket.destroy(new Error('connect timeout')), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });

export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refusal: Refusal;

  constructor(refused: Refusal) {
    super(refused.reason);
    this.refusal = refused;
  }
}

async function resolveWithin(host: string, resolver: Resolver): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), RESOLVE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([resolver(host), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The addresses of `host`, every one of them fit to be dialled under `policy`; throws {@link RefusedError}. One bad
 * address among good ones refuses the name: which of them is dialled must not be the resolver's choice.
 */
export async function judgedAddresses(host: string, policy: Policy, resolver: Resolver): Promise<readonly string[]> {
  let addresses: readonly string[] = [host];
  if (isIP(host) === 0) {
    try {
      addresses = await resolveWithin(host, resolver);
    } catch {
      throw new RefusedError(refusal('ssrf', `SSRF check failed: DNS resolution error for ${host}`));
    }
  }
  if (addresses.length === 0) {
    throw new RefusedError(refusal('ssrf', `SSRF blocked: DNS returned no addresses for ${host}`));
  }
  const trusted = policy.allowed.has(host) && policy.trusted.has(host);
  for (const address of addresses) {
    const kind = addressClass(address);
    if (kind === 'never' || (kind === 'internal' && !trusted)) {
      throw new RefusedError(refusal('ssrf', `SSRF blocked: ${host} resolves to internal IP ${address}`));
    }
  }
  return addresses;
}

/** A connection to the first of `addresses` that accepts one. */
export async function dialFirst(addresses: readonly string[], port: number, connector: Connector): Promise<Socket> {
  let failure: unknown = new Error('no address');
  for (const address of addresses.slice(0, 4)) {
    try {
      return await connector(address, port);
    } catch (reason) {
      failure = reason;
    }
  }
  throw failure;
}
