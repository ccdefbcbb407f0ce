/** What synth finds in an app, without writing anything. */

import { App, Bottle, type Finding, type HouseBreach, type HouseRule, Route, type RouteOptions } from 'claude-bottle';
import { lower } from '../../../constructs/app.ts';
import { type Found, judge } from '../../../lib/assembly/index.ts';
import { checkPlans } from '../../../lib/rules/index.ts';

export function foundIn(app: App): Found {
  const { plans, findings, locations, house } = lower(app, {});
  const breaches = checkPlans(plans, locations);
  return judge({ plans, findings: [...findings, ...breaches], locations, house }).found;
}

export const findingsIn = (app: App): readonly Finding[] => foundIn(app).findings;

/** A bottle with one route, on which `options` may make a warning. */
export const bottleWith = (app: App, id: string, options: RouteOptions = {}): Bottle =>
  new Bottle(app, id, { agent: {}, sidecars: { egress: { routes: [Route.to('a.example.com', options)] } } });

/** An app of one bottle, `demo`, with a warning: `bottles::route-tls-passthrough`. */
export function warnedApp(): { readonly app: App; readonly bottle: Bottle } {
  const app = new App();
  return { app, bottle: bottleWith(app, 'demo', { tlsPassthrough: true }) };
}

export const PASSTHROUGH = 'bottles::route-tls-passthrough';
export const REASON = 'reviewed by the platform team';

/** A rule of the house that gives `breaches`, whatever they are. */
export const ruleOf = (breaches: unknown, more: Partial<HouseRule> = {}): HouseRule => ({
  id: 'acme::a-rule',
  severity: 'warning',
  fix: 'mend it',
  check: () => breaches as readonly HouseBreach[],
  ...more,
});

/** `rule: message`, a line each. */
export const shown = (findings: readonly Finding[]): string =>
  findings.map(({ rule, message }) => `${rule}: ${message}`).join('\n');
