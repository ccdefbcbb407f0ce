/** The services of a compose file, and what a change of the shape does to them. */

import { isDeepStrictEqual } from 'node:util';
import { AGENT_SERVICE, BOTTLE_FILE, DAEMONS, NETWORKS, SIDECARS_SERVICE } from '../plan/index.ts';
import { changes, moved, type Pair, type Said } from './family.ts';
import type { Change } from './model.ts';
import { type Entries, isEntries, type Side } from './side.ts';

/** The services of the sidecars in either shape. */
const SIDECARS: readonly string[] = [SIDECARS_SERVICE, ...DAEMONS];

/** What has documents. */
type Parsed = Pick<Side, 'documents'>;

export const composeOf = (side: Parsed): Entries => side.documents[BOTTLE_FILE.compose] ?? {};

const recordOf = (side: Parsed): Entries => {
  const found = composeOf(side)['services'];
  return isEntries(found) ? found : {};
};

/** The services of one version that are compared, by name. */
export const servicesOf = (side: Parsed): ReadonlyMap<string, Entries> =>
  new Map(Object.entries(recordOf(side)).flatMap(([name, service]) => (isEntries(service) ? [[name, service]] : [])));

/** As a sentence speaks of it. */
export const theService = (service: string): string =>
  service === SIDECARS_SERVICE ? 'the sidecars' : `the ${service}`;

/** Keys that follow the shape alone: what the containers of the sidecars are called, and where they stand. */
const OF_SHAPE = ['container_name', 'depends_on', 'dns', 'dns_opt', 'extra_hosts', 'labels'];

/** The networks of a service without the bottle's own, which follow from the shape. */
function foreignNetworks(value: unknown): unknown {
  if (!isEntries(value)) return value;
  const rest = Object.entries(value).filter(([name]) => !NETWORKS.some((network) => network === name));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function joinedValues(key: string, values: readonly (readonly [service: string, value: unknown])[]): unknown {
  const present = values.filter(([, value]) => value !== undefined);
  const [first] = present;
  if (present.every(([, value]) => isDeepStrictEqual(value, first?.[1]))) return first?.[1];
  const lists = present.map(([, value]) => value);
  if (!lists.every((value) => Array.isArray(value))) return Object.fromEntries(present);
  const entries = lists.flat();
  const distinct = new Map(entries.map((entry) => [JSON.stringify(entry), entry]));
  return key === 'environment' ? entries : [...distinct.values()];
}

/** All sidecars as one service, so that bundle and split can be compared in what does not follow from the shape. */
function withOneSidecar(side: Side): void {
  const services = recordOf(side);
  const sidecars = Object.entries(services).flatMap(([name, service]) =>
    SIDECARS.includes(name) && isEntries(service) ? [[name, service] as const] : [],
  );
  const keys = [...new Set(sidecars.flatMap(([, service]) => Object.keys(service)))];
  const joined: Entries = {};
  for (const key of keys) {
    if (OF_SHAPE.includes(key)) continue;
    const values = sidecars.map(
      ([name, service]) => [name, key === 'networks' ? foreignNetworks(service[key]) : service[key]] as const,
    );
    const value = joinedValues(key, values);
    if (value !== undefined) joined[key] = value;
  }
  for (const [name] of sidecars) delete services[name];
  services[SIDECARS_SERVICE] = joined;
  const agent = services[AGENT_SERVICE];
  if (isEntries(agent)) delete agent['depends_on'];
  const networks = composeOf(side)['networks'];
  if (isEntries(networks)) delete networks['inner'];
}

/** Services that one version alone has: they are told as such, and set aside. */
function oneSided({ before, after }: Pair): readonly Said[] {
  const [old, now] = [recordOf(before), recordOf(after)];
  const gone = Object.keys(old).filter((name) => !Object.hasOwn(now, name));
  const come = Object.keys(now).filter((name) => !Object.hasOwn(old, name));
  const isOurs = (name: string): boolean => name === AGENT_SERVICE || SIDECARS.includes(name);
  for (const name of gone) delete old[name];
  for (const name of come) delete now[name];
  const text = (name: string): string => `container of the service ${name}`;
  return [
    ...gone.filter(isOurs).map((name) => changes('container', name, `${text(name)} removed`)),
    ...come.filter(isOurs).map((name) => changes('container', name, `${text(name)} added`)),
    ...moved(
      gone.filter((name) => !isOurs(name)),
      come.filter((name) => !isOurs(name)),
      (name) => ({ kind: 'container', subject: name, text: `${text(name)}, which no bottle has` }),
    ),
  ];
}

/** Makes the services of both versions comparable, and tells what that takes. */
export function pairedServices(pair: Pair): readonly Change[] {
  const { before, after } = pair;
  if (!before.exists || !after.exists) return [];
  const files = [BOTTLE_FILE.compose];
  if (before.shape === after.shape) return oneSided(pair).map((said) => ({ ...said, files }));
  withOneSidecar(before);
  withOneSidecar(after);
  const text = `shape: ${after.shape}, was ${before.shape}: every container of the sidecars is made anew`;
  return [changes('shape', 'shape', text), ...oneSided(pair)].map((said) => ({ ...said, files }));
}
