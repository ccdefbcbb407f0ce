/** Whether all that names the host of a request names the same one. */

import { canonicalAuthority, stripped } from './canonical.ts';
import { CONTROL, type EgressRequest, Refusal, valuesOf } from './verdict.ts';

const FORWARDED_HOST = /host\s*=\s*"?([^";,\s\x85]*)/gi;
/** Other spellings of the host that some servers prefer to the real one. */
const HOST_HEADERS = ['x-forwarded-host', 'x-host', 'x-original-host', 'x-http-host-override', 'x-forwarded-server'];

export function agrees(text: string, host: string, port: number): boolean {
  const parsed = canonicalAuthority(text);
  return parsed?.host === host && (parsed.port === undefined || parsed.port === port);
}

export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** Where the request goes by the first that names a host; undefined where that is no plain authority. */
export function destinationOf(request: EgressRequest): Destination | undefined {
  const hosts = valuesOf(request, ['host']);
  const named = request.connect ?? request.authority ?? (hosts.length === 1 ? hosts[0] : undefined);
  const parsed = named === undefined ? undefined : canonicalAuthority(named);
  if (parsed === undefined) return undefined;
  return { host: parsed.host, port: parsed.port ?? (request.scheme === 'https' ? 443 : 80) };
}

/** The one destination of the request; throws where something names another. */
export function agreed(request: EgressRequest, destination: Destination | undefined): Destination {
  if (request.headers.some((header) => header.some((text) => CONTROL.test(text)))) {
    throw new Refusal('authority', 'a header has a control character or is folded over lines');
  }
  const hosts = valuesOf(request, ['host']);
  if (destination === undefined || hosts.length > 1) {
    throw new Refusal('authority', 'the request does not name exactly one plain host');
  }
  const { host, port } = destination;
  const { connect, authority, http2, sni } = request;
  if (connect !== null && authority !== null && !http2) {
    throw new Refusal('authority', 'a whole URL inside a tunnel is not allowed');
  }
  if (hosts.length === 0 && authority === null) throw new Refusal('authority', 'the request has no Host header');
  const named = [connect, authority, ...hosts].filter((text) => text !== null);
  if (named.some((text) => !agrees(text, host, port))) {
    throw new Refusal('authority', `the request's Host, authority and URL disagree with ${host}:${port}`);
  }
  if (sni !== null && sni.toLowerCase() !== host) {
    throw new Refusal('authority', `the TLS server name disagrees with ${host}`);
  }
  const forwarded = valuesOf(request, ['forwarded']).flatMap((text) =>
    [...text.matchAll(FORWARDED_HOST)].map(([, name = '']) => name),
  );
  if ([...valuesOf(request, HOST_HEADERS), ...forwarded].some((text) => !agrees(stripped(text), host, port))) {
    throw new Refusal('authority', `a forwarding header disagrees with ${host}`);
  }
  return destination;
}
