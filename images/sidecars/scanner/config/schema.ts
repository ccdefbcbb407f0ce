/**
 * The strict schema of `pipelock.yaml`: the keys of docs/reference/bundle.md and no other. Values that would make the
 * scanner look away (`enforce: false`, `action: warn`) are no values here.
 */

import { z } from 'zod';
import { isDomainPattern } from '../judge/domain-pattern.ts';

const MIB = 1024 * 1024;

/** A mapping with exactly these keys; the error of an unknown one names those that are allowed. */
function section<S extends z.ZodRawShape>(shape: S) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `allowed: ${keys}` : `allowed: a mapping of ${keys}`),
  });
}

const only = <T extends string | number | boolean>(value: T) => z.literal(value, { error: `allowed: ${value}` });

const wholeNumber = (least: number, most: number) => {
  const error = `allowed: a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const text = (what: string, pattern: RegExp) => {
  const error = `allowed: ${what}`;
  return z.string({ error }).regex(pattern, { error });
};

const flag = z.boolean({ error: 'allowed: true, false' });

const domains = z.array(
  z
    .string({ error: 'allowed: a host, or *.suffix' })
    .refine(isDomainPattern, { error: 'allowed: a host, or *.suffix; no scheme, port or path' }),
  { error: 'allowed: a list of hosts' },
);

const listen = text('<host>:<port>', /^[^\s:]+:\d{1,5}$/);

export const configSchema = section({
  version: only(1),
  mode: only('strict'),
  enforce: only(true),
  api_allowlist: domains.min(1, { error: 'allowed: at least one host' }),
  trusted_domains: domains.default([]),
  fetch_proxy: section({
    listen,
    monitoring: section({
      // 0 means the default of 60, as in pipelock.
      max_requests_per_minute: wholeNumber(0, 10_000_000).default(60),
    }).prefault({}),
  }),
  forward_proxy: section({
    enabled: only(true),
    max_tunnel_seconds: wholeNumber(1, 2_000_000).default(300),
    idle_timeout_seconds: wholeNumber(1, 2_000_000).default(120),
  }),
  tls_interception: section({
    enabled: only(true),
    ca_cert: text('an absolute path', /^\//),
    ca_key: text('an absolute path', /^\//),
    passthrough_domains: domains.default([]),
    max_response_bytes: wholeNumber(1, 1024 * MIB).default(5 * MIB),
  }),
  request_body_scanning: section({
    enabled: only(true),
    action: only('block'),
    max_body_bytes: wholeNumber(1, 64 * MIB).default(5 * MIB),
    scan_headers: only(true),
    header_mode: only('all'),
    ignore_headers: z
      .array(text('a header name', /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), { error: 'allowed: a list of header names' })
      .default([]),
  }),
  dlp: section({ scan_env: only(false) }).optional(),
  response_scanning: section({ enabled: only(true), action: only('block') }).optional(),
  sentry: section({ enabled: only(false) }).optional(),
  logging: section({
    format: only('json'),
    output: only('stdout'),
    include_allowed: flag.default(true),
    include_blocked: flag.default(true),
  }).prefault({ format: 'json', output: 'stdout' }),
  metrics_listen: listen.optional(),
});

export type Config = z.output<typeof configSchema>;
