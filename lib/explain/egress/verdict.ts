/** What egress judges and what it says. Each character of a text stands for one byte. */

import type { RouteAuthEntry } from '../../plan/index.ts';
import { canonicalName } from './canonical.ts';

export type Header = readonly [name: string, value: string];

/** What arrives at egress. */
export interface EgressRequest {
  readonly method: string;
  /** Path and query as sent; never a whole URL. */
  readonly target: string;
  readonly headers: readonly Header[];
  /** `https` where the client speaks TLS, or asks for an https URL. */
  readonly scheme: 'https' | 'http';
  /** Authority of the CONNECT that made the tunnel, if there is one. */
  readonly connect: string | null;
  readonly sni: string | null;
  /** `:authority` of HTTP/2, or the authority of an absolute-form target. */
  readonly authority: string | null;
  readonly http2: boolean;
}

export interface EgressVerdict {
  /** `local`: answered by egress itself. */
  readonly action: 'allow' | 'refuse' | 'local';
  readonly rule: string;
  readonly reason: string;
  /** The supervise tool to ask with, where asking can help. */
  readonly tool: string | null;
  readonly host: string;
  readonly port: number;
  /** Canonical path, or the one that was sent where it was not judged. */
  readonly path: string;
  /** Names, as sent, of the headers to delete. */
  readonly deleted: readonly string[];
  readonly inject?: RouteAuthEntry;
  /** Id of the grant that this request uses up a part of. */
  readonly grant: string | null;
  readonly webSocket: boolean;
}

/** What is beside the policy: the token slots that hold a usable value, the time, and how often grants were used. */
export interface Circumstances {
  readonly filled: (slot: number) => boolean;
  /** Unix milliseconds. */
  readonly now: number;
  readonly used: Readonly<Record<string, number>>;
}

/** What of a verdict is known before it is reached. */
export type Known = { -readonly [K in 'host' | 'port' | 'path' | 'deleted' | 'grant']: EgressVerdict[K] };

export class Refusal extends Error {
  readonly rule: string;
  readonly tool: string | null;

  constructor(rule: string, reason: string, tool: string | null = null) {
    super(reason);
    this.rule = rule;
    this.tool = tool;
  }
}

const nothingKnown = (): Known => ({ host: '', port: 0, path: '', deleted: [], grant: null });

export const allowed = (known: Known, rule: string): EgressVerdict => ({
  ...known,
  action: 'allow',
  rule,
  reason: '',
  tool: null,
  webSocket: false,
});

/** The verdict of `judge`, or the refusal that it throws, with what was known by then. */
export function verdictOf(judge: (known: Known) => EgressVerdict): EgressVerdict {
  const known = nothingKnown();
  try {
    return judge(known);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    const { rule, message, tool } = thrown;
    return { ...known, action: 'refuse', rule, reason: message, tool, webSocket: false };
  }
}

export const valuesOf = ({ headers }: EgressRequest, names: readonly string[]): readonly string[] =>
  headers.flatMap(([name, value]) => (names.includes(canonicalName(name)) ? [value] : []));

/** Control characters but the tab, of those that stand for one byte as egress counts them. */
export const CONTROL = /(?![\t\x80-\x9f])\p{Cc}/u;
