/** Asking a registry for an image, through the engine, which knows its mirrors and credentials. */

import { interrupted } from '../../operate/index.ts';
import { docker, type Environment } from './docker.ts';

export type PullResult =
  | { readonly outcome: 'pulled'; readonly digest: string }
  /** Nobody answered: no name, no route, no connection. */
  | { readonly outcome: 'unreachable'; readonly reason: string }
  /** Somebody answered, and not with the image. */
  | { readonly outcome: 'refused'; readonly reason: string };

const UNREACHABLE =
  /no such host|name resolution|server misbehaving|connection refused|connection reset|i\/o timeout|network is unreachable|no route to host|handshake timeout|deadline exceeded|request canceled|proxyconnect/i;

/** Milliseconds in which a registry must name the image's manifest; layers may then take as long as they need. */
const ANSWER_MS = 20_000;

/** The registry's host in `reference`, by Docker's rule. */
export function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

/** `reference` without tag and digest. */
export function repositoryOf(reference: string): string {
  const name = reference.split('@')[0] ?? reference;
  return name.replace(/:[^:/]+$/, '');
}

export type Pull = (reference: string) => Promise<PullResult>;

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

async function pullOnce(reference: string, env: Environment, signal: AbortSignal | undefined): Promise<PullResult> {
  if (signal?.aborted === true) throw interrupted();
  const abort = new AbortController();
  const end = (): void => abort.abort();
  const timer = setTimeout(end, ANSWER_MS);
  signal?.addEventListener('abort', end);
  const onLine = (line: string) => {
    if (line.includes('Pulling from')) clearTimeout(timer);
  };
  const pull = docker(['pull', reference], { env, onLine, signal: abort.signal });
  const result = await pull
    .catch((error: unknown) => {
      if (signal?.aborted === true || !abort.signal.aborted) throw error;
      return undefined;
    })
    .finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    });
  if (result === undefined) return { outcome: 'unreachable', reason: `no answer within ${ANSWER_MS / 1000} s` };
  const { ok, stdout, stderr } = result;
  const digest = /^Digest: (sha256:[0-9a-f]{64})$/m.exec(stdout)?.[1];
  if (ok && digest !== undefined) return { outcome: 'pulled', digest };
  const reason = lastLine(stderr);
  return { outcome: UNREACHABLE.test(stderr) ? 'unreachable' : 'refused', reason };
}

/** A `docker pull` that asks a registry which did not answer only once. */
export function puller(env: Environment, signal?: AbortSignal): Pull {
  const silentRegistries = new Map<string, PullResult>();
  return async (reference) => {
    const registry = registryOf(reference);
    const known = silentRegistries.get(registry);
    if (known !== undefined) return known;
    const result = await pullOnce(reference, env, signal);
    if (result.outcome === 'unreachable') silentRegistries.set(registry, result);
    return result;
  };
}
