/** Why an upstream could not be used, read from what ssh and git wrote. */

import { printable } from './say.ts';

export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  /** Stable word for the log. */
  readonly reason: UpstreamCause;

  constructor(cause: UpstreamCause, message: string) {
    super(message);
    this.reason = cause;
  }
}

export type UpstreamCause = 'host-key' | 'authentication' | 'key' | 'unreachable' | 'repository' | 'rejected' | 'other';

interface Sign {
  readonly pattern: RegExp;
  readonly cause: UpstreamCause;
  readonly says: (host: string) => string;
}

/** In order: ssh says "Connection closed" after some of the others, too. */
const SIGNS: readonly Sign[] = [
  {
    pattern:
      /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|host key is known for|no hostkey alg/i,
    cause: 'host-key',
    says: (host) => `${host} showed a host key other than the declared one`,
  },
  {
    pattern: /Identity file .* not accessible|Load key .*: |bad permissions/i,
    cause: 'key',
    says: (host) => `the key for ${host} cannot be read`,
  },
  {
    pattern: /Permission denied \(|Too many authentication failures|Authentication failed/i,
    cause: 'authentication',
    says: (host) => `${host} does not accept the declared key`,
  },
  {
    pattern:
      /Could not resolve hostname|Connection (?:refused|timed out|reset|closed)|No route to host|Network is unreachable|kex_exchange_identification|Broken pipe|Timeout, server/i,
    cause: 'unreachable',
    says: (host) => `${host} cannot be reached`,
  },
  {
    pattern: /does not appear to be a git repository|repository .*not found|not a git repository|does not exist/i,
    cause: 'repository',
    says: (host) => `${host} has no such repository, or not for this key`,
  },
];

/** Lines that the upstream itself wrote: git marks them `remote: `. */
export function remoteLines(stderr: string): string[] {
  return stderr
    .split(/[\r\n]+/)
    .filter((line) => line.startsWith('remote: '))
    .map((line) => printable(line.slice('remote: '.length).trimEnd()))
    .filter((line) => line !== '');
}

/** The failure that `stderr` tells of, for the upstream `host`. `problem` is what kept the program from ending by itself. */
export function upstreamFailure(host: string, stderr: string, problem?: string): UpstreamError {
  if (problem !== undefined) return new UpstreamError('unreachable', `${host} did not answer in time (${problem})`);
  for (const { pattern, cause, says } of SIGNS) {
    if (pattern.test(stderr)) return new UpstreamError(cause, says(host));
  }
  const last =
    stderr
      .split('\n')
      .filter((line) => line.trim() !== '')
      .at(-1) ?? 'no reason given';
  return new UpstreamError('other', `${host}: ${printable(last)}`);
}
