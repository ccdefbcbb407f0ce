/** What lies between two policies: in words, as a diff, and how the daemons can get from one to the other. */

import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { BOTTLE_FILE, type RouteEntry, tokenSlotName } from '../../plan/index.ts';
import { allowlist, type Policy, type PolicyTexts, parsePolicy } from './declared.ts';
import type { Tokens } from './live-policy.ts';
import { contains, reachText } from './reach.ts';

/** A host as an operator reads it: what is open of it and what else holds for it. */
interface OpenHost {
  readonly entry: RouteEntry | undefined;
  readonly spliced: boolean;
  readonly credential: string | undefined;
}

export interface Difference {
  readonly opens: readonly string[];
  readonly closes: readonly string[];
}

function openHosts(policy: Policy, tokens: Tokens): ReadonlyMap<string, OpenHost> {
  const { passthrough_domains: passthrough } = policy.pipelock.tls_interception;
  const hosts = policy.routes?.routes.map(({ host }) => host) ?? allowlist(policy);
  return new Map(
    hosts.map((host) => {
      const entry = policy.routes?.routes.find((route) => route.host === host);
      const slot = entry?.auth === undefined ? undefined : tokenSlotName(entry.auth.slot);
      const credential = slot === undefined ? undefined : (tokens.find((token) => token.slot === slot)?.from ?? slot);
      return [host, { entry, spliced: passthrough.includes(host), credential }];
    }),
  );
}

/** `GET below /v1/, with the credential GH_TOKEN, until …`; for pipelock alone, `any request`. */
function words({ entry, spliced, credential }: OpenHost): string {
  const until = entry?.grant?.expires;
  return [
    entry === undefined ? 'any request' : reachText(entry),
    ...(credential === undefined ? [] : [`with the credential ${credential}`]),
    ...(entry?.webSocket === true ? ['WebSockets, whose frames nobody scans'] : []),
    ...(spliced ? ['not scanned by pipelock (TLS passthrough)'] : []),
    ...(until === undefined ? [] : [`until ${until}`]),
  ].join(', ');
}

/** Whether `inner` is no more than `outer` in every way. */
function isWithin(inner: OpenHost, outer: OpenHost): boolean {
  if (inner.entry === undefined || outer.entry === undefined) return !inner.spliced || outer.spliced;
  const end = (host: OpenHost): number => Date.parse(host.entry?.grant?.expires ?? '') || Number.POSITIVE_INFINITY;
  return (
    contains(outer.entry, inner.entry) &&
    (inner.credential === undefined || inner.credential === outer.credential) &&
    (inner.entry.webSocket !== true || outer.entry.webSocket === true) &&
    (!inner.spliced || outer.spliced) &&
    end(inner) <= end(outer)
  );
}

/** What the way from `before` to `after` opens and closes, one line a host. */
export function difference(before: PolicyTexts, after: PolicyTexts, tokens: Tokens): Difference {
  const [old, now] = [before, after].map((texts) => openHosts(parsePolicy(texts), tokens)) as [
    ReturnType<typeof openHosts>,
    ReturnType<typeof openHosts>,
  ];
  const opens: string[] = [];
  const closes: string[] = [];
  for (const [host, open] of now) {
    const was = old.get(host);
    if (was === undefined) opens.push(`${host}: ${words(open)}`);
    else if (!isWithin(open, was)) opens.push(`${host}: ${words(open)} (so far: ${words(was)})`);
    else if (!isWithin(was, open)) closes.push(`${host}: ${words(open)} (so far: ${words(was)})`);
  }
  for (const [host, was] of old) if (!now.has(host)) closes.push(`${host}: ${words(was)}`);
  return { opens, closes };
}

/** What is open, one line a host. */
export function openLines(
  texts: PolicyTexts,
  tokens: Tokens,
): readonly { readonly host: string; readonly what: string }[] {
  return [...openHosts(parsePolicy(texts), tokens)].map(([host, open]) => ({ host, what: words(open) }));
}

/** Both files as one unified diff; empty if neither differs. */
export function policyDiff(before: PolicyTexts, after: PolicyTexts): string {
  const patch = (name: string, old: string, now: string): string =>
    old === now
      ? ''
      : createTwoFilesPatch(`a/${name}`, `b/${name}`, old, now, undefined, undefined, {
          context: 3,
          headerOptions: FILE_HEADERS_ONLY,
        });
  return [
    patch(BOTTLE_FILE.routes, before.routes ?? '', after.routes ?? ''),
    patch(BOTTLE_FILE.pipelock, before.pipelock, after.pipelock),
  ].join('');
}
