/** Where each service's container stands: its networks, its names on them, and the names that it resolves. */

import { AGENT_SERVICE, BOTTLE_FILE, NETWORKS } from '../../plan/index.ts';
import { type Comparison, changes, closes, family, opens, type Part } from '../family.ts';
import { servicesOf, theService } from '../services.ts';
import { named, namesOf, nowAndThen } from '../shown.ts';
import { isEntries, taken } from '../side.ts';
import { type Held, keyOfServices, listFamily, type Tell, weakness } from './service-keys.ts';

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
        found.set(`${service} ${name}`, {
          value: { service, value: value ?? 'no aliases' },
          files: [BOTTLE_FILE.compose],
        });
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

export const places: readonly Comparison[] = [
  listFamily('extra_hosts', 'name-resolution', extraHost(true), extraHost(false)),
  attachments,
  nameServers,
];
