/** What the agent may reach: routes of egress and the lists of pipelock, host by host. */

import { isDeepStrictEqual } from 'node:util';
import { BOTTLE_FILE, NO_HOST } from '../../plan/index.ts';
import { changes, closes, family, moved, opens, type Part, type Said } from '../family.ts';
import type { Effect } from '../model.ts';
import { named } from '../shown.ts';
import { asText, type Entries, isEntries, type Side, takenFrom, within } from '../side.ts';
import { type Box, boxText, common, EVERYTHING, isEmpty, minus, pathsOf, valuesOf } from './reach.ts';

interface Credential {
  readonly from: string;
  /** How it is sent. */
  readonly scheme: string;
  readonly header: string | undefined;
  readonly user: string | undefined;
}

interface Entry {
  readonly ports: readonly number[];
  readonly methods: readonly string[] | undefined;
  readonly pathPrefixes: readonly string[] | undefined;
  readonly webSocket: boolean;
  readonly credential: Credential | undefined;
  /** Keys that this version does not know. */
  readonly more: Entries;
}

interface Host {
  readonly entry: Entry | undefined;
  readonly isAllowed: boolean;
  readonly isSpliced: boolean;
  readonly isPrivate: boolean;
  /** Whether the agent can dial pipelock itself, which knows no routes. */
  readonly isDirect: boolean;
}

const listOf = <T>(value: unknown, is: (one: unknown) => one is T): readonly T[] | undefined =>
  Array.isArray(value) && value.every(is) ? value : undefined;
const isText = (one: unknown): one is string => typeof one === 'string';
const isNumber = (one: unknown): one is number => typeof one === 'number';

function credentialOf(auth: unknown, tokens: Side['tokens']): Credential | undefined {
  if (!isEntries(auth)) return undefined;
  const slot = `EGRESS_TOKEN_${String(auth['slot'])}`;
  const { scheme, header, user } = auth;
  return { from: tokens.get(slot) ?? slot, scheme: String(scheme), header: asText(header), user: asText(user) };
}

function entryOf(entry: Entries, tokens: Side['tokens']): Entry | undefined {
  const { host: _host, ports, methods, pathPrefixes, auth, webSocket, ...more } = entry;
  const known = listOf(ports, isNumber);
  const { scheme: _scheme, slot: _slot, header: _header, user: _user, ...moreAuth } = isEntries(auth) ? auth : {};
  if (known === undefined) return undefined;
  return {
    ports: known,
    methods: listOf(methods, isText),
    pathPrefixes: listOf(pathPrefixes, isText),
    webSocket: webSocket === true,
    credential: credentialOf(auth, tokens),
    more: Object.keys(moreAuth).length === 0 ? more : { ...more, auth: moreAuth },
  };
}

/** Routes by host; a second one of a host stays where it is, to be told as what it is. */
function routesOf(side: Side): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  takenFrom(side.documents[BOTTLE_FILE.routes] ?? {}, 'routes', (one) => {
    const host = isEntries(one) ? asText(one['host']) : undefined;
    const entry = isEntries(one) ? entryOf(one, side.tokens) : undefined;
    if (host === undefined || entry === undefined || found.has(host)) return undefined;
    found.set(host, entry);
    return host;
  });
  return found;
}

/** Whether egress stands before pipelock: what is listed there alone is then out of the agent's reach. */
function isInnerHop(side: Side): boolean {
  const ignored = within(side.documents[BOTTLE_FILE.pipelock], 'request_body_scanning')['ignore_headers'];
  return (
    side.documents[BOTTLE_FILE.routes] !== undefined && Array.isArray(ignored) && ignored.includes('authorization')
  );
}

function read(side: Side): ReadonlyMap<string, Part<Host>> {
  const pipelock = side.documents[BOTTLE_FILE.pipelock] ?? {};
  const isDirect = !isInnerHop(side);
  const routes = routesOf(side);
  const allowed = takenFrom(pipelock, 'api_allowlist', asText).filter((host) => host !== NO_HOST);
  const trusted = takenFrom(pipelock, 'trusted_domains', asText);
  const spliced = takenFrom(within(pipelock, 'tls_interception'), 'passthrough_domains', asText);
  const hosts = new Set([...routes.keys(), ...allowed, ...trusted, ...spliced]);
  return new Map(
    [...hosts].map((host) => {
      const value = {
        entry: routes.get(host),
        isAllowed: allowed.includes(host),
        isSpliced: spliced.includes(host),
        isPrivate: trusted.includes(host),
        isDirect,
      };
      return [host, { value, files: [BOTTLE_FILE.routes, BOTTLE_FILE.pipelock] }];
    }),
  );
}

/** What the agent can get from a host; undefined: nothing. */
function boxOf(host: Host | undefined): Box | undefined {
  if (host === undefined) return undefined;
  const { entry } = host;
  if (entry === undefined) return host.isDirect && host.isAllowed ? EVERYTHING : undefined;
  return { ports: valuesOf(entry.ports), methods: valuesOf(entry.methods), paths: pathsOf(entry.pathPrefixes) };
}

/** Whether the agent can go past the route. */
const isExposed = ({ entry, isDirect, isAllowed }: Host): boolean => entry !== undefined && isDirect && isAllowed;

const kindOf = ({ entry }: Host): 'route' | 'allowlist' => (entry === undefined ? 'allowlist' : 'route');

const withCredential = ({ entry }: Host): string =>
  entry?.credential === undefined ? '' : ` with credential ${named(entry.credential.from)}`;

/** All that holds for a host, in one line. */
function whole(name: string, host: Host, box: Box): string {
  return [
    `${boxText(named(name), box)}${withCredential(host)}`,
    ...(host.entry?.webSocket === true ? ['WebSockets too'] : []),
    ...(host.isSpliced ? ["without pipelock's content scan (TLS passthrough)"] : []),
    ...(host.isPrivate ? ['also at private addresses'] : []),
    ...(isExposed(host) ? ['and any other request, by pipelock itself'] : []),
  ].join(', ');
}

const sentAs = ({ scheme, header, user }: Credential): string =>
  [scheme === 'header' ? `header ${header ?? ''}` : scheme, ...(user === undefined ? [] : [`user ${user}`])].join(', ');

function credentialChanges(name: string, before: Host, after: Host): readonly Said[] {
  const [old, now] = [before.entry?.credential, after.entry?.credential];
  const list = (one: Credential | undefined): readonly string[] => (one === undefined ? [] : [one.from]);
  const differing = moved(list(old), list(now), (from) => ({
    kind: 'credential',
    subject: name,
    text: `${named(name)} with credential ${named(from)}`,
  }));
  if (differing.length > 0 || old === undefined || now === undefined || isDeepStrictEqual(old, now)) return differing;
  const text = `${named(name)}: credential ${named(now.from)} sent as ${named(sentAs(now))}, was ${named(sentAs(old))}`;
  return [changes('credential', name, text)];
}

/** What holds for requests that either version lets through. */
function kept(name: string, before: Host, after: Host): readonly Said[] {
  const shown = named(name);
  const flag = (kind: Said['kind'], old: boolean, now: boolean, text: string): readonly Said[] =>
    old === now ? [] : [now ? opens(kind, name, text) : closes(kind, name, text)];
  return [
    ...credentialChanges(name, before, after),
    ...flag(
      'web-socket',
      before.entry?.webSocket === true,
      after.entry?.webSocket === true,
      `WebSockets to ${shown}, whose frames nobody scans`,
    ),
    ...flag(
      'content-scan',
      before.isSpliced,
      after.isSpliced,
      `${shown} without pipelock's content scan (TLS passthrough)`,
    ),
    ...flag(
      'allowlist',
      isExposed(before),
      isExposed(after),
      `any request to ${shown} by pipelock itself, past the route`,
    ),
    ...flag('private-upstream', before.isPrivate, after.isPrivate, `${shown} at private addresses`),
  ];
}

function both(name: string, before: Host, after: Host, old: Box, now: Box): readonly Said[] {
  const part = (host: Host, effect: Effect, boxes: readonly Box[]): readonly Said[] =>
    boxes.map((box) => ({
      kind: kindOf(host),
      effect,
      subject: name,
      text: `${boxText(named(name), box)}${withCredential(host)}`,
    }));
  return [
    ...part(before, 'closes', minus(old, now)),
    ...part(after, 'opens', minus(now, old)),
    ...kept(name, before, after),
  ];
}

/** A host that pipelock alone lists, behind an egress that has no route to it. */
const listed = (name: string): Omit<Said, 'effect'> => ({
  kind: 'allowlist',
  subject: name,
  text: `${named(name)} on pipelock's allowlist, behind an egress without a route to it`,
});

function describe(name: string, before: Host | undefined, after: Host | undefined): readonly Said[] {
  const [old, now] = [boxOf(before), boxOf(after)];
  const more = isDeepStrictEqual(before?.entry?.more ?? {}, after?.entry?.more ?? {})
    ? []
    : [
        changes(
          'setting',
          name,
          `route ${named(name)}: ${Object.keys({ ...before?.entry?.more, ...after?.entry?.more })
            .map(named)
            .join(', ')} changed`,
        ),
      ];
  if (
    before !== undefined &&
    after !== undefined &&
    old !== undefined &&
    now !== undefined &&
    !isEmpty(common(old, now))
  ) {
    return [...both(name, before, after, old, now), ...more];
  }
  const one = (host: Host | undefined, box: Box | undefined): readonly Omit<Said, 'effect'>[] => {
    if (host !== undefined && box !== undefined) {
      return [{ kind: kindOf(host), subject: name, text: whole(name, host, box) }];
    }
    return host?.isAllowed === true ? [listed(name)] : [];
  };
  return [...moved(one(before, old), one(after, now), (said) => said), ...more];
}

export const hosts = family<Host>({ kind: 'route', read, describe });
