/** Plans that use what this target can do. */

import type { BottlePlan, RoutePlan } from '../../../lib/plan/index.ts';
import { fullMatrix } from '../../support/plans.ts';

type Agent = BottlePlan['agent'];
type Sidecars = BottlePlan['sidecars'];

export const withAgent = (plan: BottlePlan, more: Partial<Agent>): BottlePlan => ({
  ...plan,
  agent: { ...plan.agent, ...more },
});

export const withSidecars = (plan: BottlePlan, more: Partial<Sidecars>): BottlePlan => ({
  ...plan,
  sidecars: { ...plan.sidecars, ...more },
});

export const PRIVATE_ROUTE: RoutePlan = {
  host: 'wiki.corp.example',
  ports: [443, 8443],
  tlsPassthrough: false,
  privateUpstream: true,
  webSocket: false,
};

/** `plan` with one more route, to a private upstream. */
export function withPrivateRoute(plan: BottlePlan): BottlePlan {
  const { egress } = plan.sidecars;
  if (egress === undefined) throw new Error('the plan has no egress');
  return withSidecars(plan, { egress: { ...egress, routes: [...egress.routes, PRIVATE_ROUTE] } });
}

/** A bottle that uses everything that this target has. */
export function everything(): BottlePlan {
  const agent: Partial<Agent> = {
    env: [
      { kind: 'literal', name: 'PRICE', value: '5$ $(HOME) $$' },
      { kind: 'host', name: 'LANG', from: 'MY_LANG' },
      { kind: 'ask', name: 'TEAM', question: 'Which team?' },
    ],
    command: ['sh', '-c', 'echo $(HOME) $$'],
    mounts: [
      { kind: 'volume', name: 'Cache_1', target: '/cache' },
      { kind: 'tmpfs', target: '/scratch', size: '64m' },
    ],
    prompt: 'Be kind. $HOME "x"\n',
    resources: { memory: '2g', cpus: 1.5, pids: 256 },
    runtime: 'gvisor',
    user: '1234:5678',
    readOnlyRoot: false,
  };
  const sidecars: Partial<Sidecars> = {
    env: [
      { kind: 'literal', name: 'TZ', value: 'UTC' },
      { kind: 'host', name: 'REGION', from: 'REGION' },
    ],
    mounts: [
      { kind: 'volume', name: 'spool', target: '/spool' },
      { kind: 'tmpfs', target: '/scratch' },
    ],
    resources: { memory: '768m', cpus: 0.5, pids: 128 },
    trustedCAs: ['certs/corp.pem'],
  };
  const plan = withPrivateRoute(withSidecars(withAgent(fullMatrix(), agent), sidecars));
  return { ...plan, app: '@acme/bottles', labels: { 'com.example.cost': 'a b/c' } };
}
