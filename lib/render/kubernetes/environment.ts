/** Variables of containers. Values of the deploying host come from Secrets, never by value. */

import {
  type BottlePlan,
  DAEMON_PORT,
  DAEMONS_VARIABLE,
  type Daemon,
  EGRESS_URL,
  type EnvOwner,
  type EnvPlan,
  PRIVATE_DIR,
  PROXY_VARIABLES,
  pipelockIsInnerHop,
  pipelockUrl,
  SECRET_FILE,
  SUPERVISE_QUEUE_DIR,
  tokenSlotName,
} from '../../plan/index.ts';
import { agentEnvironment } from '../agent/index.ts';
import { secretName, serviceHostVariable, serviceName, sidecarsName } from './names.ts';
import type { KubernetesOptions } from './options.ts';

/** An EnvVar of the API. */
export type Variable =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
    };

/** `text` as a kubelet reads it back from a value or an argument: `$(NAME)` would be expanded, `$$` is one dollar. */
export const expandedText = (text: string): string => text.replaceAll('$', '$$$$');

/** Reference to the address of the sidecars' Service, which the kubelet expands when it starts a container. */
export const serviceAddress = (plan: BottlePlan, options: KubernetesOptions): string =>
  `$(${serviceHostVariable(serviceName(plan.slug, options))})`;

const literal = (name: string, value: string): Variable => ({ name, value: expandedText(value) });

const fromSecret = (name: string, secret: string, key: string): Variable => ({
  name,
  valueFrom: { secretKeyRef: { name: secret, key } },
});

const declared = (slug: string, owner: EnvOwner, variable: EnvPlan): Variable =>
  variable.kind === 'literal'
    ? literal(variable.name, variable.value)
    : fromSecret(variable.name, secretName(owner, slug), variable.name);

/** Without egress, or exposed, pipelock is on the pod's own address, to which the host name leads. */
function upstreamUrl(plan: BottlePlan): string {
  if (pipelockIsInnerHop(plan)) return pipelockUrl(plan.slug);
  return `http://${sidecarsName(plan.slug)}:${DAEMON_PORT.pipelock}`;
}

function daemonVariables(plan: BottlePlan, daemon: Daemon): readonly Variable[] {
  const { slug } = plan;
  switch (daemon) {
    case 'egress':
      return [
        literal('EGRESS_UPSTREAM_PROXY', upstreamUrl(plan)),
        literal('EGRESS_UPSTREAM_CA', `${PRIVATE_DIR.egress}/${SECRET_FILE.pipelockCa}`),
        ...(plan.sidecars.egress?.tokens ?? []).map((_, slot) =>
          fromSecret(tokenSlotName(slot), secretName('tokens', slug), tokenSlotName(slot)),
        ),
      ];
    case 'supervise':
      return [
        literal('SUPERVISE_BOTTLE_SLUG', slug),
        literal('SUPERVISE_QUEUE_DIR', SUPERVISE_QUEUE_DIR),
        literal('SUPERVISE_PORT', String(DAEMON_PORT.supervise)),
      ];
    case 'pipelock':
    case 'git-gate':
      return [];
  }
}

/** The variables of the container of one daemon: its own, then the definition's, which go to all. */
export function sidecarVariables(plan: BottlePlan, daemon: Daemon): readonly Variable[] {
  return [
    literal(DAEMONS_VARIABLE, daemon),
    ...daemonVariables(plan, daemon),
    ...plan.sidecars.env.map((variable) => declared(plan.slug, 'sidecars', variable)),
  ];
}

/** The agent's proxy: the same port as in compose, at the Service's address, since the agent resolves no name. */
function proxyUrl(plan: BottlePlan, options: KubernetesOptions): { readonly inCompose: string; readonly here: string } {
  const daemon: Daemon = plan.sidecars.egress === undefined ? 'pipelock' : 'egress';
  return {
    inCompose: daemon === 'egress' ? EGRESS_URL : pipelockUrl(plan.slug),
    here: `http://${serviceAddress(plan, options)}:${DAEMON_PORT[daemon]}`,
  };
}

export function agentVariables(plan: BottlePlan, options: KubernetesOptions): readonly Variable[] {
  const { inCompose, here } = proxyUrl(plan, options);
  const isProxy = (variable: EnvPlan): boolean =>
    variable.kind === 'literal' &&
    variable.value === inCompose &&
    PROXY_VARIABLES.some((name) => name === variable.name.toLowerCase());
  return agentEnvironment(plan).map((variable) =>
    isProxy(variable) ? { name: variable.name, value: here } : declared(plan.slug, 'agent', variable),
  );
}
