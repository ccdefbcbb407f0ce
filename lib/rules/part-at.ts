import { AGENT_SERVICE, type BottlePlan } from '../plan/index.ts';

const SERVICE = /^\/services\/([^/]+)/;

/** The construct that a place in a bottle's compose document comes from, as its part of the plan. */
export function partAt({ plan }: { readonly plan: BottlePlan }, pointer: string): { readonly path: string } {
  const service = SERVICE.exec(pointer)?.[1];
  if (service === undefined) return plan;
  return service === AGENT_SERVICE ? plan.agent : plan.sidecars;
}
