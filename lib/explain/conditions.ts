/** What a verdict depends on that nobody can know offline, and what looks at the content on the way. */

import { isIP } from 'node:net';
import type { EgressVerdict } from './egress/index.ts';
import type { PipelockOutcome } from './pipelock-stage.ts';
import type { BottlePolicy, MatchedRoute } from './types.ts';

const MIB = 1024 * 1024;

const bytesText = (bytes: number): string =>
  bytes % MIB === 0 ? `${bytes / MIB} MiB` : `${bytes.toLocaleString('en')} bytes`;

/** What an allowed request still depends on. */
export function conditions(
  policy: BottlePolicy,
  pipelock: PipelockOutcome,
  route: MatchedRoute | undefined,
  verdict: EgressVerdict | undefined,
): readonly string[] {
  const host = pipelock.to?.host ?? '';
  const { max_body_bytes: most } = policy.pipelock.config.request_body_scanning;
  const uses = verdict?.grant == null ? undefined : policy.egress?.routes.get(host)?.entry.grant?.usesLeft;
  return [
    ...(isIP(host) !== 0
      ? []
      : [
          pipelock.isTrusted
            ? `${host} resolves to public or private addresses (privateUpstream), none of them loopback, link-local or metadata`
            : `${host} resolves to public addresses only`,
        ]),
    ...(route?.credential === undefined
      ? []
      : [`${route.credential.name} was set at deploy, with at least 8 characters`]),
    ...(uses === undefined ? [] : [`its grant is not used up: ${uses} requests from the start of egress`]),
    ...(route?.grant?.expires === undefined ? [] : [`its grant has not ended: ${route.grant.expires}`]),
    ...(pipelock.isPassthrough && policy.egress === undefined
      ? []
      : [`a body is at most ${bytesText(policy.egress?.maxBodyBytes ?? most)}`]),
    ...(route?.methods === undefined
      ? []
      : ['no field of a form or JSON body (_method) names a method outside the list']),
    ...(route?.credential !== undefined && !policy.pipelock.behindEgress
      ? [
          `pipelock is exposed, so it scans the header ${route.credential.header} that egress sets, too: it holds no pattern of a secret`,
        ]
      : []),
  ];
}

/** What is scanned of an allowed request and its answer, and what is not. */
export function scannedLines(
  policy: BottlePolicy,
  pipelock: PipelockOutcome,
  route: MatchedRoute | undefined,
  isWebSocket: boolean,
): readonly string[] {
  const { tls_interception: tls, request_body_scanning: body } = policy.pipelock.config;
  const hidden = policy.egress === undefined ? ', and nobody judges method, path or headers' : '';
  const content = pipelock.isPassthrough
    ? [`tlsPassthrough: pipelock passes the connection on unread, so no content is scanned for secrets${hidden}`]
    : [
        `pipelock scans URL, headers and body (uncompressed, up to ${bytesText(body.max_body_bytes)}) of the request for secrets`,
        `answers: at most ${bytesText(tls.max_response_bytes)}, uncompressed`,
      ];
  return [
    ...content,
    ...(isWebSocket ? ['WebSocket: the handshake is judged, the frames are not scanned'] : []),
    ...(route?.credential === undefined
      ? []
      : [`egress takes ${route.credential.name} out of what comes back, in every common spelling`]),
  ];
}
