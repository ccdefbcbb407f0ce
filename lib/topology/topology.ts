import type { BottlePlan, ComposeDocument, RenderedBottle } from '../plan/index.ts';
import { fieldsOf } from './compose-values.ts';
import { containersOf, placesOf } from './containers.ts';
import { listenersOf } from './listeners.ts';
import type { Topology } from './model.ts';
import { networksOf } from './networks.ts';

const entriesOf = (value: unknown): ComposeDocument['networks'] =>
  Object.fromEntries(Object.entries(fieldsOf(value)).map(([key, one]) => [key, fieldsOf(one)]));

/** The documents of a bottle, rendered just now or read back. */
export interface BottleDocuments extends Pick<RenderedBottle, 'compose' | 'files'> {
  readonly plan: Pick<BottlePlan, 'slug'>;
}

/** Containers, networks, listeners of one bottle, read from the documents that are written, not from the plan. */
export function topologyOf(bottle: BottleDocuments): Topology {
  const { compose, plan } = bottle;
  const services = Object.entries(fieldsOf(compose.services)).map(([name, one]) => [name, fieldsOf(one)] as const);
  const document = { ...compose, services: Object.fromEntries(services), networks: entriesOf(compose.networks) };
  const places = placesOf(document);
  const networks = networksOf(
    document,
    [...places.values()].flatMap((place) => place.networks),
  );
  const containers = containersOf({ document, networks, places });
  const listeners = listenersOf(document, bottle.files, containers);
  return { slug: plan.slug, containers, networks: networks.networks, listeners };
}
