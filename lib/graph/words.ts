/** The words of a picture, the same in each form of it. */

import type { MatchedRoute } from '../explain/index.ts';
import { listed } from '../plan/index.ts';
import { OUTSIDE } from './bottle-graph.ts';
import type { BottleGraph, GraphRemote } from './model.ts';

const HTTPS = 443;

/** `api.example.org`, with its ports unless there is only that of HTTPS. */
export const hostText = ({ host, ports }: Pick<MatchedRoute, 'host' | 'ports'>): string =>
  ports.length === 1 && ports[0] === HTTPS ? host : `${host}:${ports.join(',')}`;

/** What may be asked of the host. */
export const askedText = ({ methods, pathPrefixes }: MatchedRoute): string =>
  `${methods?.join(' ') ?? 'any method'} ${pathPrefixes?.join(' ') ?? 'any path'}`;

/** The credential that egress sends there, by name. */
export const credentialText = ({ credential }: MatchedRoute): string | undefined =>
  credential === undefined ? undefined : `sends ${credential.name}`;

/** What is weaker on this route than on others. */
export function weakTexts({ tlsPassthrough, webSocket, privateUpstream }: MatchedRoute): readonly string[] {
  return [
    ...(tlsPassthrough ? ['content not scanned'] : []),
    ...(webSocket ? ['WebSocket frames not scanned'] : []),
    ...(privateUpstream ? ['may be a private address'] : []),
  ];
}

export const remoteText = ({ access, branches }: GraphRemote): string =>
  access === 'read' ? 'read' : `push ${branches?.join(' ') ?? 'any branch but HEAD’s'}`;

export function networkText({ isolated, wayOut, external }: BottleGraph['networks'][number]): string {
  if (isolated) return 'no way out';
  return external ? 'way out, shared' : wayOut ? 'way out' : 'not isolated';
}

/** The ends outside of the bottle that `from` cannot, or can, open a connection to. */
export const outsideOf = ({ ways }: BottleGraph, from: string, reachable: boolean): readonly string[] =>
  ways
    .filter((way) => way.from === from && way.reachable === reachable)
    .flatMap(({ to }) => OUTSIDE.filter((end) => end === to));

export const outsideText = (ends: readonly string[]): string => listed(ends);
