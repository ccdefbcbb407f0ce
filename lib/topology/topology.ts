import { DAEMON_PORT, type RenderedBottle } from '../plan/index.ts';
import { containersOf, placesOf } from './containers.ts';
import { listenersOf } from './listeners.ts';
import type { Topology } from './model.ts';
import { networksOf } from './networks.ts';

/** Containers, networks, listeners of one bottle, read from the documents that are written, not from the plan. */
export function topologyOf(bottle: RenderedBottle): Topology {
  const { compose: document, plan } = bottle;
  const places = placesOf(document);
  const networks = networksOf(
    document,
    [...places.values()].flatMap((place) => place.networks),
  );
  const containers = containersOf({ document, networks, places });
  const listeners = listenersOf(bottle, containers, DAEMON_PORT);
  return { slug: plan.slug, containers, networks: networks.networks, listeners };
}
