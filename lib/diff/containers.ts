/** What each service's container is and may do: image, command, user, limits, rights, networks. */

import { INIT_CAPABILITIES } from '../render/compose/hardening.ts';
import { type Comparison, changes, closes, family, opens, type Part, type Said } from './facets.ts';
import type { ChangeKind } from './model.ts';
import { AGENT_SERVICE, NETWORKS } from './names.ts';
import { servicesOf, theService } from './services.ts';
import { named, namesOf, nowAndThen } from './shown.ts';
import { asText, FILE, isEntries, type Side, taken, takenFrom } from './side.ts';

/** `undefined` where the version does not exist: it then has no weakness. */
function weakness(
  before: boolean | undefined,
  after: boolean | undefined,
  words: Omit<Said, 'effect'>,
): readonly Said[] {
  if ((before ?? false) === (after ?? false)) return [];
  return [{ ...words, effect: after === true ? 'opens' : 'closes' }];
}

interface Held<T = unknown> {
  readonly service: string;
  readonly value: T;
}

/** One key of every service, also where it is not set. */
function keyOfServices(key: string): (side: Side) => ReadonlyMap<string, Part<Held>> {
  return (side) =>
    new Map(
      [...servicesOf(side)].map(([service, entries]) => [
        service,
        { value: { service, value: taken(entries, key) }, files: [FILE.compose] },
      ]),
    );
}

interface Key {
  readonly key: string;
  readonly kind: ChangeKind;
  /** As a sentence speaks of it. */
  readonly what: string;
  /** What a weak value lets happen, and which value is weak. */
  readonly weak?: readonly [text: (service: string) => string, is: (value: unknown) => boolean];
}

const isRoot = (user: unknown): boolean => /^(?:[+-]?0+|root)(?::|$)/.test(String(user).trim());
const isSandbox = (runtime: unknown): boolean => /^(runsc|kata)/.test(String(runtime));
const isUnset = (value: unknown): boolean => value === undefined;

const KEYS: readonly Key[] = [
  { key: 'command', kind: 'command', what: 'command' },
  { key: 'entrypoint', kind: 'command', what: 'entrypoint' },
  { key: 'working_dir', kind: 'command', what: 'working directory' },
  { key: 'user', kind: 'user', what: 'user', weak: [(service) => `${service} as root`, isRoot] },
  {
    key: 'runtime',
    kind: 'runtime',
    what: 'runtime',
    weak: [(service) => `the kernel of the host to ${service}, without a sandbox`, (value) => !isSandbox(value)],
  },
  {
    key: 'read_only',
    kind: 'root-file-system',
    what: 'read-only root',
    weak: [(service) => `writes to the root file system of ${service}`, (value) => value !== true],
  },
  {
    key: 'mem_limit',
    kind: 'resources',
    what: 'memory',
    weak: [(service) => `${service} without a memory limit`, isUnset],
  },
  { key: 'cpus', kind: 'resources', what: 'CPUs' },
  {
    key: 'pids_limit',
    kind: 'resources',
    what: 'processes',
    weak: [(service) => `${service} without a limit of processes`, isUnset],
  },
];

const isSet = (held: Held | undefined): boolean => held !== undefined && held.value !== undefined;

const keyFamilies = KEYS.map(({ key, kind, what, weak }) =>
  family<Held>({
    kind,
    read: keyOfServices(key),
    describe: (service, before, after) => {
      const is = (held: Held | undefined): boolean | undefined => held && weak?.[1](held.value);
      // A bottle that comes or goes whole is weak only where that was asked for.
      const isWhole = before === undefined || after === undefined;
      const text = weak?.[0](theService(service)) ?? '';
      const told =
        isWhole && kind === 'runtime' ? [] : weakness(is(before), is(after), { kind, subject: service, text });
      const value =
        isSet(before) || isSet(after)
          ? [
              changes(
                kind,
                service,
                `${what} of ${theService(service)}: ${nowAndThen(key, before?.value, after?.value)}`,
              ),
            ]
          : [];
      return [...told, ...value];
    },
  }),
);

type Tell = (service: string, entry: string) => Said;

/** A list of words of every service, one change a word. */
function listFamily(key: string, kind: ChangeKind, come: Tell, gone: Tell): Comparison {
  return family<Held<readonly string[]>>({
    kind,
    read: (side) =>
      new Map(
        [...servicesOf(side)].map(([service, entries]) => [
          service,
          { value: { service, value: takenFrom(entries, key, asText) }, files: [FILE.compose] },
        ]),
      ),
    describe: (service, before, after) => {
      const [old, now] = [before?.value ?? [], after?.value ?? []];
      const removed = old.filter((entry) => !now.includes(entry));
      const added = now.filter((entry) => !old.includes(entry));
      return [...removed.map((entry) => gone(service, entry)), ...added.map((entry) => come(service, entry))];
    },
  });
}

const capability: (effect: 'opens' | 'closes') => Tell = (effect) => (service, entry) => {
  const isInit = service !== AGENT_SERVICE && INIT_CAPABILITIES.some((name) => name === entry);
  const text = `capability ${named(entry)} to ${theService(service)}`;
  return { kind: 'capability', effect: isInit ? 'neither' : effect, subject: service, text };
};

const dropped: (effect: 'opens' | 'closes') => Tell = (effect) => (service, entry) => ({
  kind: 'capability',
  effect,
  subject: service,
  text: `${entry === 'ALL' ? "the engine's default capabilities" : `capability ${named(entry)}`} kept by ${theService(service)}`,
});

const GUARD = /^no-new-privileges([:=]true)?$/;
const LOOSE = /unconfined|disable|no-new-privileges[:=]false/;

const securityOption: (isAdded: boolean) => Tell = (isAdded) => (service, entry) => {
  const at = theService(service);
  if (GUARD.test(entry)) {
    const text = `new privileges by set-user-id programs in ${at}`;
    return isAdded ? closes('security-option', service, text) : opens('security-option', service, text);
  }
  const text = `security option ${named(entry)} of ${at}`;
  if (LOOSE.test(entry))
    return isAdded ? opens('security-option', service, text) : closes('security-option', service, text);
  return changes('security-option', service, `${text} ${isAdded ? 'added' : 'removed'}`);
};

const aliasesOf = (value: unknown): readonly string[] => {
  const aliases = isEntries(value) ? value['aliases'] : [];
  return Array.isArray(aliases) ? aliases.map(String) : [];
};

const attachments = family<Held>({
  kind: 'network',
  read: (side) => {
    const found = new Map<string, Part<Held>>();
    for (const [service, entries] of servicesOf(side)) {
      const networks = taken(entries, 'networks');
      const list = Array.isArray(networks)
        ? networks.map((name) => [String(name), null] as const)
        : isEntries(networks)
          ? Object.entries(networks)
          : [];
      for (const [name, value] of list)
        found.set(`${service} ${name}`, { value: { service, value: value ?? 'no aliases' }, files: [FILE.compose] });
    }
    return found;
  },
  describe: (key, before, after) => {
    const service = (after ?? before)?.service ?? '';
    const network = key.slice(service.length + 1);
    const known = service === AGENT_SERVICE ? ['internal'] : NETWORKS;
    const text = `${theService(service)} on the network ${named(network)}`;
    if (before !== undefined && after !== undefined) {
      const [old, now] = [aliasesOf(before.value), aliasesOf(after.value)];
      const [come, gone] = [now.filter((name) => !old.includes(name)), old.filter((name) => !now.includes(name))];
      const what = [
        ...(come.length === 0 ? [] : [`${namesOf(come)} added`]),
        ...(gone.length === 0 ? [] : [`${namesOf(gone)} removed`]),
      ];
      return [changes('network', service, `names of ${text}: ${what.join(', ') || 'declared otherwise'}`)];
    }
    if (known.some((name) => name === network))
      return [changes('network', service, `${text}${after === undefined ? ' no more' : ''}`)];
    return [after === undefined ? closes('network', service, text) : opens('network', service, text)];
  },
});

const isConfined = (dns: unknown): boolean => Array.isArray(dns) && dns.length === 1 && dns[0] === '127.0.0.1';

const nameServers = family<Held>({
  kind: 'name-resolution',
  read: keyOfServices('dns'),
  describe: (service, before, after) => {
    const at = theService(service);
    const is = (held: Held | undefined): boolean | undefined =>
      held && service === AGENT_SERVICE && !isConfined(held.value);
    const weak = weakness(is(before), is(after), {
      kind: 'name-resolution',
      subject: service,
      text: `outside names to ${at}, and queries that carry data out`,
    });
    return [
      ...weak,
      changes('name-resolution', service, `name servers of ${at}: ${nowAndThen('dns', before?.value, after?.value)}`),
    ];
  },
});

const isInnerHop = (entry: string): boolean => /^claude-bottle-pipelock-[a-z0-9-]+:127\.0\.0\.1$/.test(entry);

const extraHost =
  (isAdded: boolean): Tell =>
  (service, entry) => {
    const text = `address ${named(entry)} to ${theService(service)}`;
    if (isInnerHop(entry)) {
      const where = isAdded ? 'on the loopback of the sidecars' : 'no more on the loopback of the sidecars';
      return changes('name-resolution', service, `pipelock ${where}`);
    }
    return isAdded ? opens('name-resolution', service, text) : closes('name-resolution', service, text);
  };

export const containers: readonly Comparison[] = [
  ...keyFamilies,
  listFamily('cap_add', 'capability', capability('opens'), capability('closes')),
  listFamily('cap_drop', 'capability', dropped('closes'), dropped('opens')),
  listFamily('security_opt', 'security-option', securityOption(true), securityOption(false)),
  listFamily('extra_hosts', 'name-resolution', extraHost(true), extraHost(false)),
  attachments,
  nameServers,
];
