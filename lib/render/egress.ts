/** `egress/routes.yaml`: the routes that the mitmproxy addon enforces. It names token slots, never values. */

import type { BottlePlan, RouteAuthEntry, RouteAuthPlan, RouteEntry, RoutePlan, RoutesFile } from '../plan/index.ts';
import { listenAddress } from './listen.ts';
import { yamlText } from './yaml.ts';

function authEntry(auth: RouteAuthPlan): RouteAuthEntry {
  return {
    scheme: auth.scheme,
    slot: auth.slot,
    ...(auth.header === undefined ? {} : { header: auth.header }),
    ...(auth.user === undefined ? {} : { user: auth.user }),
  };
}

function routeEntry(route: RoutePlan): RouteEntry {
  return {
    host: route.host,
    ports: route.ports,
    ...(route.methods === undefined ? {} : { methods: route.methods }),
    ...(route.pathPrefixes === undefined ? {} : { pathPrefixes: route.pathPrefixes }),
    ...(route.auth === undefined ? {} : { auth: authEntry(route.auth) }),
    ...(route.webSocket ? { webSocket: true as const } : {}),
  };
}

/** The text of `egress/routes.yaml`, or undefined for a bottle without egress. */
export function renderRoutes(plan: BottlePlan): string | undefined {
  const { egress } = plan.sidecars;
  if (egress === undefined) return undefined;
  const file: RoutesFile = {
    version: 1,
    listen: listenAddress(plan, 'egress'),
    maxBodyBytes: plan.sidecars.pipelock.maxBodyBytes,
    routes: egress.routes.map(routeEntry),
  };
  return yamlText(file);
}
