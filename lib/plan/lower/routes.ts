/** The routes of egress, and the slots of their tokens. */

import type { EgressPlan, RouteAuthPlan, RoutePlan } from '../bottle-plan.ts';
import type { AuthScheme } from '../config-files.ts';
import type { DeclaredDaemon, DeclaredValue } from '../declared.ts';
import { quoted } from '../shown.ts';
import { present } from './optional.ts';
import { declaredValue, fieldsOf, flag, list, neededText, numbers, optionalValue, text, texts } from './shape.ts';
import type { Site } from './site.ts';
import { sortedNumbers, sortedTexts } from './sorted.ts';

const SCHEME: Readonly<Record<string, AuthScheme>> = {
  bearer: 'Bearer',
  token: 'token',
  basic: 'Basic',
  header: 'header',
};

const ROUTE_KEYS = ['methods', 'pathPrefixes', 'ports', 'auth', 'tlsPassthrough', 'privateUpstream', 'webSocket'];

/** The number of the slot that the host variable fills; routes that share the variable share the slot. */
function slotOf(tokens: string[], from: string): number {
  const known = tokens.indexOf(from);
  return known === -1 ? tokens.push(from) - 1 : known;
}

function lowerAuth(outer: Site, what: string, value: unknown, tokens: string[]): RouteAuthPlan | undefined {
  const auth = optionalValue(outer, `\`auth\` of ${what}`, value, 'Auth', "Auth.bearer(HostEnv.of('NAME'))");
  if (auth === undefined) return undefined;
  const site = outer.at(auth.locate);
  const { given, form } = auth;
  const credential = declaredValue(
    site,
    `the credential of Auth.${form}`,
    given['from'],
    'HostEnv',
    "HostEnv.of('NAME')",
  );
  const from =
    credential === undefined ? undefined : neededText(site, 'the name of HostEnv.of', credential.given['name']);
  const header = form === 'header' ? neededText(site, 'the name of Auth.header', given['name']) : undefined;
  // An empty user is a convention of some APIs; a missing one is a mistake.
  const user = form === 'basic' ? text(site, 'the user of Auth.basic', given['user'] ?? null) : undefined;
  const scheme = SCHEME[form];
  if (from === undefined || scheme === undefined) return undefined;
  if ((form === 'header' && header === undefined) || (form === 'basic' && user === undefined)) return undefined;
  return site.declared({ scheme, from, slot: slotOf(tokens, from), ...present({ header, user }) });
}

function lowerRoute(outer: Site, route: DeclaredValue, tokens: string[]): RoutePlan | undefined {
  const site = outer.at(route.locate);
  const host = neededText(site, 'the host of Route.to', route.given['host']);
  const what = host === undefined ? 'a route' : `route ${quoted(host)}`;
  const options = fieldsOf(site, what, route.given['options'], { allowed: ROUTE_KEYS });
  const methods = sortedTexts(texts(site, `\`methods\` of ${what}`, options['methods']));
  const pathPrefixes = sortedTexts(texts(site, `\`pathPrefixes\` of ${what}`, options['pathPrefixes']));
  const auth = lowerAuth(site, what, options['auth'], tokens);
  const plan = {
    ports: sortedNumbers(numbers(site, `\`ports\` of ${what}`, options['ports'])) ?? [443],
    ...present({ methods, pathPrefixes, auth }),
    tlsPassthrough: flag(site, `\`tlsPassthrough\` of ${what}`, options['tlsPassthrough']) ?? false,
    privateUpstream: flag(site, `\`privateUpstream\` of ${what}`, options['privateUpstream']) ?? false,
    webSocket: flag(site, `\`webSocket\` of ${what}`, options['webSocket']) ?? false,
  };
  return host === undefined ? undefined : site.declared({ host: host.toLowerCase(), ...plan });
}

/** The egress daemon's plan, or undefined when it has no route and so is not in the bottle. */
export function lowerEgress(site: Site, daemon: DeclaredDaemon): EgressPlan | undefined {
  const fields = fieldsOf(site, '`egress`', daemon.props, { allowed: ['routes'] });
  const example = "Route.to('api.example.com')";
  const tokens: string[] = [];
  const declared = [
    ...(list(site, '`routes`', fields['routes'], 'routes') ?? []).map((value, index) =>
      declaredValue(site, `routes[${index}]`, value, 'Route', example),
    ),
    ...daemon.added.map(({ value, locate }) => declaredValue(site.at(locate), 'a route', value, 'Route', example)),
  ];
  const routes = declared.flatMap((route) => {
    const plan = route === undefined ? undefined : lowerRoute(site, route, tokens);
    return plan === undefined ? [] : [plan];
  });
  return routes.length === 0 ? undefined : site.declared({ path: site.path, routes, tokens });
}
