/** The NetworkPolicies of a bottle: nothing is open but what is listed here (domain §10). */

import { type BottlePlan, DAEMON_PORT, LABEL } from '../../plan/index.ts';
import { selectorLabels } from './metadata.ts';
import { policyName } from './names.ts';
import { type KubernetesObject, namespaced, type ObjectContext } from './objects.ts';
import { DEFAULT_DNS, type KubernetesOptions } from './options.ts';
import { privateBlocks, worldBlock } from './ranges.ts';
import { agentFacing } from './reachable.ts';

type Rule = Readonly<Record<string, unknown>>;

const KIND = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' } as const;

const tcp = (ports: readonly number[]): readonly object[] => ports.map((port) => ({ protocol: 'TCP', port }));

const pods = (plan: BottlePlan, component: 'agent' | 'sidecars'): object => ({
  podSelector: { matchLabels: selectorLabels(plan, component) },
});

const agentFacingPorts = (plan: BottlePlan): readonly object[] =>
  tcp(agentFacing(plan).map((daemon) => DAEMON_PORT[daemon]));

/** Where the sidecars ask for names: never anybody's port 53, which is a way out. */
function dnsRule({ dns = DEFAULT_DNS }: KubernetesOptions): Rule {
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': dns.namespace } },
        podSelector: { matchLabels: dns.podLabels },
      },
    ],
    ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: dns.port })),
  };
}

/** Ports of the routes whose upstream is private. Only these, so that a private range opens no more than was said. */
function privatePorts({ sidecars }: BottlePlan): readonly number[] {
  const ports = (sidecars.egress?.routes ?? [])
    .filter((route) => route.privateUpstream)
    .flatMap((route) => route.ports);
  return [...new Set(ports)].sort((a, b) => a - b);
}

function sidecarsEgress(plan: BottlePlan, options: KubernetesOptions): readonly Rule[] {
  const { privateRanges = [] } = options;
  const ports = privatePorts(plan);
  const inside = { to: privateBlocks(privateRanges).map((ipBlock) => ({ ipBlock })), ports: tcp(ports) };
  return [
    dnsRule(options),
    { to: [{ ipBlock: worldBlock(privateRanges) }], ports: [{ protocol: 'TCP' }] },
    ...(ports.length === 0 ? [] : [inside]),
  ];
}

/** In a namespace of the bottle's own every pod is closed, one that somebody adds by hand too; else those of the bottle. */
function denied(plan: BottlePlan, { namespace }: KubernetesOptions): object {
  return namespace === undefined ? {} : { matchLabels: { [LABEL.slug]: plan.slug } };
}

/** The policies in the order of their files. */
export function networkPolicies(context: ObjectContext, options: KubernetesOptions): readonly KubernetesObject[] {
  const { plan } = context;
  const policy = (name: 'deny' | 'agent' | 'sidecars', spec: object): KubernetesObject =>
    namespaced(context, { ...KIND, component: name === 'deny' ? 'bottle' : name }, policyName(name, plan.slug), {
      spec,
    });
  const ports = agentFacingPorts(plan);
  return [
    policy('deny', { podSelector: denied(plan, options), policyTypes: ['Ingress', 'Egress'] }),
    policy('agent', {
      ...pods(plan, 'agent'),
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ to: [pods(plan, 'sidecars')], ports }],
    }),
    policy('sidecars', {
      ...pods(plan, 'sidecars'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [pods(plan, 'agent')], ports }],
      egress: sidecarsEgress(plan, options),
    }),
  ];
}
