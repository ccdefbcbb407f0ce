/** Live grants: what operators changed about a running bottle's reach, on top of what its definition declares. */

import { z } from 'zod';
import type { AuthScheme } from '../../plan/index.ts';

/** How requests of an opened host are authenticated. */
export interface GrantAuth {
  readonly scheme: AuthScheme;
  /** Name of the host variable that holds the credential; never a value. */
  readonly from: string;
  /** Header to set, for scheme `header` only. */
  readonly header?: string | undefined;
  /** User name, for scheme `Basic` only. */
  readonly user?: string | undefined;
}

/**
 * Opens a host, or more of one. Whatever is left out is unlimited on a host that is new, and stays as it is on one that
 * is declared or granted already; all paths are `['/']`.
 */
export interface OpenChange {
  readonly kind: 'open';
  /** One exact host name, lower case. */
  readonly host: string;
  /** @default [443] */
  readonly ports?: readonly number[];
  readonly methods?: readonly string[];
  readonly pathPrefixes?: readonly string[];
  readonly auth?: GrantAuth;
  /** Takes the host out of pipelock's content scan; pipelock is restarted in place for it. */
  readonly tlsPassthrough?: boolean;
  readonly webSocket?: boolean;
  /** ISO 8601 instant; egress refuses the host from then on. */
  readonly expires?: string;
}

/** Takes a grant back, or closes a declared host (or a wildcard that the definition gives to pipelock) until it is opened again. */
export interface CloseChange {
  readonly kind: 'close';
  readonly host: string;
}

/** One change of what a running bottle may reach. */
export type PolicyChange = OpenChange | CloseChange;

const origin = z.enum(['allow', 'proposal']);

const header = {
  /** Stands in the host's entry of `routes.yaml`, too. */
  id: z.uuid(),
  host: z.string().min(1).max(255),
  /** ISO 8601, of its last change. */
  time: z.iso.datetime(),
  who: z.string(),
  why: z.string(),
  origin,
  proposal: z.string().optional(),
};

const auth = z.strictObject({
  scheme: z.enum(['Bearer', 'token', 'Basic', 'header']),
  from: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  header: z.string().optional(),
  user: z.string().optional(),
});

const open = z.strictObject({
  ...header,
  kind: z.literal('open'),
  /** Absent on a declared host of which no more is open, but for what the keys below say. */
  ports: z.array(z.int().min(1).max(65_535)).min(1).optional(),
  methods: z.array(z.string()).min(1).optional(),
  pathPrefixes: z.array(z.string()).min(1).optional(),
  auth: auth.optional(),
  tlsPassthrough: z.literal(true).optional(),
  webSocket: z.literal(true).optional(),
  expires: z.iso.datetime({ offset: true }).optional(),
});

/** A declared host that is closed. */
const close = z.strictObject({ ...header, kind: z.literal('close') });

const grant = z.discriminatedUnion('kind', [open, close]);

/** One host's grant; there is at most one a host. */
export type Grant = z.infer<typeof grant>;
export type OpenGrant = z.infer<typeof open>;

/** `grants.json`. */
export const GrantsFile = z
  .strictObject({ version: z.literal(1), grants: z.array(grant) })
  .refine(({ grants }) => new Set(grants.map(({ host }) => host)).size === grants.length, 'one grant a host');

export type Origin = z.infer<typeof origin>;
