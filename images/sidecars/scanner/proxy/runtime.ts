/** What every part of the proxy shares: the policy of the moment, the ways out, the log. No state of its own. */

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { EventFields, EventSink } from '../events.ts';
import type { Authority } from '../judge/host.ts';
import type { RateLimit } from '../judge/rate-limit.ts';
import type { Policy } from '../policy.ts';
import type { Refusal } from '../refusal.ts';
import type { ContentJudge } from '../scans/content-judge.ts';
import type { BodyMemory } from './body.ts';
import type { Connector, Resolver } from './dial.ts';
import type { LeafCertificates } from './leaf-certificates.ts';

export interface Runtime {
  /** The policy in force now: asked again for every request, so that a kept connection obeys a reload. */
  readonly policy: () => Policy;
  readonly resolver: Resolver;
  readonly connector: Connector;
  /** Trusted roots for upstream TLS. */
  readonly roots: SecureContext;
  readonly leaves: LeafCertificates;
  readonly rateLimit: RateLimit;
  readonly bodyMemory: BodyMemory;
  readonly content: ContentJudge;
  readonly emit: EventSink;
}

/** Who asked for what, as events name it. */
export type Subject = {
  readonly method: string;
  /** Without its query, which may hold what no log should. */
  readonly url?: string;
  readonly target?: string;
  readonly client_ip: string;
  readonly request_id: string;
};

export const subjectOf = (socket: Socket, method: string, where: { url: string } | { target: string }): Subject => ({
  method,
  ...where,
  client_ip: socket.remoteAddress ?? '',
  request_id: randomUUID(),
});

/** Checks whose finding may stand in the URL itself. */
const CONTENT_SCANNERS = new Set(['dlp', 'body_dlp', 'header_dlp', 'subdomain_entropy', 'allowlist']);

const redacted = (subject: Subject): Subject =>
  subject.url === undefined
    ? subject
    : { ...subject, url: subject.url.replace(/^(https?:\/\/[^/]*).*$/, '$1/[redacted]') };

/** Logs a refusal; of what a content check refused, only host and kind. */
export function emitBlocked({ policy, emit }: Runtime, subject: Subject, refused: Refusal): void {
  if (!policy().config.logging.include_blocked) return;
  const { target, ...shown } = CONTENT_SCANNERS.has(refused.scanner) ? redacted(subject) : subject;
  const fields: EventFields = {
    ...shown,
    ...(target === undefined || CONTENT_SCANNERS.has(refused.scanner) ? {} : { target }),
    scanner: refused.scanner,
    reason: refused.reason,
  };
  emit('warn', 'blocked', fields, 'request blocked');
}

export function emitAllowed({ policy, emit }: Runtime, event: string, fields: EventFields, message: string): void {
  if (policy().config.logging.include_allowed) emit('info', event, fields, message);
}

/** Logs a failure by its code: texts of errors may quote what was received. */
export function emitError({ emit }: Runtime, subject: Subject, reason: unknown): void {
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : 'failed';
  emit('error', 'error', { ...subject, error: code }, 'request error');
}

/** One request's host, checked against the rate of its minute. */
export function rateRefusal({ rateLimit, policy }: Runtime, { host }: Authority): Refusal | undefined {
  if (rateLimit.admit(host, policy().requestsPerMinute, Date.now())) return undefined;
  return { scanner: 'ratelimit', reason: `rate limit exceeded for ${host}`, status: 429 };
}
