/** Small definitions, written as a user writes them, and what is found in them. */

import {
  type AgentProps,
  App,
  Auth,
  Bottle,
  type BottleProps,
  type Finding,
  GitRemote,
  type GitRemoteOptions,
  HostEnv,
  Route,
  type RouteOptions,
  type SidecarBundleProps,
} from 'claude-bottle';
import { lower } from '../../../constructs/app.ts';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { checkPlans } from '../../../lib/rules/index.ts';
import { PROJECT } from '../../support/project.ts';

/** A well-formed key of the given type: its name and a body of `length` bytes. */
export function hostKey(type = 'ssh-ed25519', length = 36, inner = type): string {
  const name = Buffer.from(inner);
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(name.length);
  return `${type} ${Buffer.concat([prefix, name, Buffer.alloc(length, 7)]).toString('base64')}`;
}

export const bearer = (name = 'API_TOKEN'): Auth => Auth.bearer(HostEnv.of(name));

export const remote = (options: Partial<GitRemoteOptions> = {}, name = 'app', url?: string): GitRemote =>
  GitRemote.ssh(name, url ?? 'ssh://git@git.example.org/acme/app.git', {
    identityFile: 'keys/id_ed25519',
    knownHostKey: hostKey(),
    ...options,
  });

/** An app of one bottle, `demo`. */
export function appOf(agent: AgentProps, sidecars: SidecarBundleProps, more: BottleProps = {}): App {
  const app = new App();
  new Bottle(app, 'demo', { agent, sidecars, ...more });
  return app;
}

export const withAgent = (agent: AgentProps): App => appOf(agent, {});
export const withSidecars = (sidecars: SidecarBundleProps): App => appOf({}, sidecars);
export const withRoutes = (...routes: Route[]): App => withSidecars({ egress: { routes } });
export const withRoute = (host: string, options: RouteOptions = {}): App => withRoutes(Route.to(host, options));
export const withRemotes = (...remotes: GitRemote[]): App => withSidecars({ gitGate: { remotes } });

/** Of lowering and of all rules, in the environment given and nothing else. */
export function findingsOf(app: App, environment: Record<string, string> = {}): readonly Finding[] {
  const { plans, findings, locations } = lower(app, environment);
  return [...findings, ...checkPlans(plans, locations, PROJECT)];
}

export function planOf(app: App): BottlePlan {
  const [plan] = lower(app, {}).plans;
  if (plan === undefined) throw new Error('the app has no bottle');
  return plan;
}

export const rulesOf = (findings: readonly Finding[]): readonly string[] => findings.map(({ rule }) => rule);
