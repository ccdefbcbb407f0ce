import { type BottlePlan, parseGitSshUrl, quoted } from '../plan/index.ts';

/** A host that a bottle names, and where. */
export interface NamedHost {
  /** Without the `*.` of a wildcard. */
  readonly host: string;
  /** In words that come before the host. */
  readonly what: string;
  readonly path: string;
  readonly part: object;
}

/** The hosts of the routes, the allowlist and the git remotes of a bottle, in this order. */
export function namedHosts({ sidecars: { egress, pipelock, gitGate } }: BottlePlan): readonly NamedHost[] {
  return [
    ...(egress?.routes ?? []).map((route) => ({
      host: route.host,
      what: 'route host',
      path: egress?.path ?? '',
      part: route,
    })),
    ...pipelock.allow.map((entry) => ({
      host: entry.replace(/^\*\./, ''),
      what: '`allow` entry',
      path: pipelock.path,
      part: pipelock,
    })),
    ...(gitGate?.remotes ?? []).flatMap((remote) => {
      const host = parseGitSshUrl(remote.url)?.host;
      const what = `host of remote ${quoted(remote.name)}`;
      return host === undefined ? [] : [{ host, what, path: gitGate?.path ?? '', part: remote }];
    }),
  ];
}
