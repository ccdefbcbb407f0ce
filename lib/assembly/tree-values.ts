/** The values of a construct that `tree.json` leads to: routes and git remotes, which are no constructs themselves. */

import type { BottlePlan, Locate, Location } from '../plan/index.ts';

export interface TreeValue {
  readonly kind: 'route' | 'remote';
  /** Host of the route, name of the remote. */
  readonly name: string;
  /** Where the definition made it. */
  readonly source?: Location;
}

function value(kind: TreeValue['kind'], name: string, locate: Locate | undefined): TreeValue {
  const source = locate?.();
  return { kind, name, ...(source === undefined ? {} : { source: { file: source.file, line: source.line } }) };
}

/** By construct path, in order of declaration. */
export function treeValues(
  plans: readonly BottlePlan[],
  locations: ReadonlyMap<object, Locate>,
): ReadonlyMap<string, readonly TreeValue[]> {
  const values = new Map<string, readonly TreeValue[]>();
  for (const { sidecars } of plans) {
    const { egress, gitGate } = sidecars;
    if (egress !== undefined) {
      values.set(
        egress.path,
        egress.routes.map((route) => value('route', route.host, locations.get(route))),
      );
    }
    if (gitGate !== undefined) {
      values.set(
        gitGate.path,
        gitGate.remotes.map((remote) => value('remote', remote.name, locations.get(remote))),
      );
    }
  }
  return values;
}
