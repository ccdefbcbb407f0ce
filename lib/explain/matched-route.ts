/** The route of a host, with what pipelock knows of it and where it comes from. */

import { tokenSlotName } from '../plan/index.ts';
import type { BottlePolicy, MatchedRoute } from './types.ts';

/** Name of the host variable that fills `slot`, or of the slot where that is not known. */
function credentialName({ tokens }: BottlePolicy, slot: number): string {
  const name = tokenSlotName(slot);
  return tokens.find((token) => token.slot === name)?.from ?? name;
}

/** The route of `host`, or undefined if it has none. */
export function matchedRoute(policy: BottlePolicy, host: string): MatchedRoute | undefined {
  const route = policy.egress?.routes.get(host);
  if (route === undefined) return undefined;
  const { ports, methods, pathPrefixes, auth, webSocket, grant } = route.entry;
  const location = policy.declared.routes[host];
  const given = policy.grants[host];
  const header = auth?.header ?? 'Authorization';
  return {
    host,
    ports,
    ...(methods === undefined ? {} : { methods }),
    ...(pathPrefixes === undefined ? {} : { pathPrefixes }),
    webSocket: webSocket === true,
    tlsPassthrough: policy.pipelock.passthrough.has(host),
    privateUpstream: policy.pipelock.trusted.has(host),
    ...(auth === undefined
      ? {}
      : { credential: { name: credentialName(policy, auth.slot), scheme: auth.scheme, header } }),
    ...(location === undefined ? {} : { location }),
    ...(given === undefined
      ? {}
      : { grant: { ...given, ...(grant?.expires === undefined ? {} : { expires: grant.expires }) } }),
  };
}
