/** The networks of a bottle: which have a way out, and to whom. */

import { isDeepStrictEqual } from 'node:util';
import { BOTTLE_FILE, NETWORKS, WITHOUT_HOST_ADDRESS } from '../../plan/index.ts';
import { changes, family, moved, type Part, type Said } from '../family.ts';
import { composeOf } from '../services.ts';
import { named, nowAndThen } from '../shown.ts';
import { asText, type Entries, isEntries, type Side, taken, within } from '../side.ts';

function read(side: Side): ReadonlyMap<string, Part<Entries>> {
  const networks = within(composeOf(side), 'networks');
  return new Map(
    Object.keys(networks).map((name) => {
      const value = taken(networks, name);
      return [name, { value: isEntries(value) ? value : { declared: value }, files: [BOTTLE_FILE.compose] }];
    }),
  );
}

type Words = Omit<Said, 'effect'>;

/** What a network lets happen that those of synth, but for the way out, do not. */
function open(name: string, network: Entries): readonly Words[] {
  const one = (text: string): Words => ({ kind: 'network', subject: name, text });
  const shown = `network ${named(name)}`;
  if (network['external'] === true) {
    return [one(`the existing network ${named(asText(network['name']) ?? name)}, and what is on it, to the sidecars`)];
  }
  const options = isEntries(network['driver_opts']) ? network['driver_opts'] : {};
  const isWayOut = name === 'egress';
  return [
    ...(isWayOut || network['internal'] === true ? [] : [one(`a way out of the ${shown}`)]),
    ...(isWayOut || options[WITHOUT_HOST_ADDRESS] === 'true' ? [] : [one(`the host to the ${shown}`)]),
    ...(network['enable_ipv6'] === false ? [] : [one(`IPv6 on the ${shown}`)]),
  ];
}

const subnetOf = ({ ipam }: Entries): string | undefined => {
  const config = isEntries(ipam) ? ipam['config'] : undefined;
  const [first] = Array.isArray(config) ? config : [];
  return isEntries(first) ? asText(first['subnet']) : undefined;
};

const whose = (network: Entries): string =>
  network['external'] === true ? `the existing ${named(asText(network['name']) ?? 'one')}` : "the bottle's own";

function otherwise(name: string, before: Entries, after: Entries): readonly Said[] {
  if (before['external'] !== after['external']) {
    return [changes('network', name, `network ${named(name)}: ${whose(after)}, was ${whose(before)}`)];
  }
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) => {
      const values = key === 'ipam' ? [subnetOf(before), subnetOf(after)] : [before[key], after[key]];
      const what = key === 'ipam' ? 'subnet' : named(key);
      return changes('network', name, `network ${named(name)}: ${what} ${nowAndThen(key, values[0], values[1])}`);
    });
}

export const networks = family<Entries>({
  kind: 'network',
  read,
  describe: (name, before, after): readonly Said[] => {
    const [old, now] = [before, after].map((network) => (network === undefined ? [] : open(name, network)));
    const opened = moved(old ?? [], now ?? [], (one) => one);
    if (before !== undefined && after !== undefined) return [...opened, ...otherwise(name, before, after)];
    const isOurs = NETWORKS.some((network) => network === name);
    const what = `network ${named(name)}${isOurs ? '' : ', which no bottle has,'}`;
    return [...opened, changes('network', name, `${what} ${after === undefined ? 'removed' : 'added'}`)];
  },
});
