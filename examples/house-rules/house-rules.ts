import type { BottleView, HouseBreach, HouseRule } from 'claude-bottle';

/** Every host that one of our agents may reach is named, and reached for something. */
export const noWildcards: HouseRule = {
  id: 'acme::no-wildcards',
  severity: 'error',
  what: 'a host of pipelock’s list that is not one exact name',
  why: 'whoever gets a name below the wildcard gets what our agents send there',
  fix: 'name the hosts one by one',
  check: ({ plan }: BottleView): readonly HouseBreach[] =>
    plan.sidecars.pipelock.allow
      .filter((host) => host.startsWith('*.'))
      .map((host) => ({ message: `pipelock lets the agent reach ${host}`, path: plan.sidecars.pipelock.path })),
};

/** Somebody has to say why an agent may send anything other than GET to a host. */
export const writingIsNoted: HouseRule = {
  id: 'acme::writing-is-noted',
  severity: 'warning',
  what: 'a route by which the agent may change something',
  fix: 'restrict `methods` to GET and HEAD, or acknowledge the rule at the bottle with a reason',
  check: function* ({ plan }: BottleView): Generator<HouseBreach> {
    for (const route of plan.sidecars.egress?.routes ?? []) {
      const writes =
        route.methods === undefined || route.methods.some((method) => method !== 'GET' && method !== 'HEAD');
      if (writes) yield { message: `the agent may change something on ${route.host}`, part: route };
    }
  },
};
