/** The agent's Deployment. */

import { AGENT_DIR, AGENT_ENTRYPOINT, AGENT_HOME, type BottlePlan, WORKSPACE_DIR } from '../../plan/index.ts';
import { agentFilePaths, agentRootsKey } from './agent-files.ts';
import { deployment } from './deployment.ts';
import { agentVariables, expandedText } from './environment.ts';
import { hostsMount, hostsStep, hostsVolume } from './hosts-file.ts';
import { accountName, agentName, claimName, configName } from './names.ts';
import type { KubernetesObject, ObjectContext } from './objects.ts';
import type { KubernetesOptions } from './options.ts';
import { claimVolume, distinctVolumes, type Mounted, memoryVolume, userVolume } from './pod-volumes.ts';
import { agentIdentity } from './problems.ts';
import { bytesOf, mebibytes } from './quantities.ts';
import { containerResources } from './resources.ts';
import { containerSecurity, type Identity, podSecurity } from './security.ts';

/** A name server that answers nobody: the agent's own loopback. */
const NO_NAMES = {
  dnsPolicy: 'None',
  dnsConfig: {
    nameservers: ['127.0.0.1'],
    options: [
      { name: 'timeout', value: '1' },
      { name: 'attempts', value: '1' },
    ],
  },
} as const;

/** One directory from two objects: what is rendered, and the CA bundle that deploy merges. */
function agentFiles({ slug }: BottlePlan, paths: Readonly<Record<string, string>>): Mounted {
  const items = Object.entries(paths).map(([key, path]) => ({ key, path }));
  return {
    volume: {
      name: 'agent',
      projected: {
        defaultMode: 0o444,
        sources: [
          { configMap: { name: configName('agent', slug), items } },
          { configMap: { name: configName('roots', slug), items: [{ key: agentRootsKey, path: agentRootsKey }] } },
        ],
      },
    },
    mount: { name: 'agent', mountPath: AGENT_DIR, readOnly: true },
  };
}

function agentMounts(plan: BottlePlan): readonly Mounted[] {
  const { agent, slug } = plan;
  return [
    agentFiles(plan, agentFilePaths(plan)),
    claimVolume('home', claimName('home', slug), AGENT_HOME),
    claimVolume('workspace', claimName('workspace', slug), WORKSPACE_DIR),
    memoryVolume('tmp', '/tmp', bytesOf(agent.resources.memory)),
    memoryVolume('run', '/run', mebibytes(16)),
    ...agent.mounts.map((mount) => userVolume(slug, 'agent', mount)),
  ];
}

function container(plan: BottlePlan, options: KubernetesOptions, image: string, identity: Identity): object {
  const { agent } = plan;
  return {
    name: 'agent',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', AGENT_ENTRYPOINT],
    args: agent.command.map(expandedText),
    workingDir: WORKSPACE_DIR,
    env: agentVariables(plan, options),
    resources: containerResources('agent', agent.resources),
    securityContext: containerSecurity(identity, agent.readOnlyRoot),
    volumeMounts: [...agentMounts(plan).map(({ mount }) => mount), hostsMount],
  };
}

export function agentDeployment(context: ObjectContext, options: KubernetesOptions, image: string): KubernetesObject {
  const { plan } = context;
  const { slug, agent } = plan;
  const identity = agentIdentity(plan);
  if (identity === undefined) throw new Error('the agent has no numeric user, and nothing has refused it');
  return deployment(context, 'agent', agentName(slug), {
    serviceAccountName: accountName('agent', slug),
    ...(agent.runtime === undefined ? {} : { runtimeClassName: agent.runtime }),
    hostname: agentName(slug),
    // The variable with the Service's address comes by no other way.
    enableServiceLinks: true,
    ...NO_NAMES,
    securityContext: podSecurity(identity.gid),
    initContainers: [hostsStep(plan, options, image, identity)],
    containers: [container(plan, options, image, identity)],
    volumes: distinctVolumes([...agentMounts(plan), hostsVolume()]),
  });
}
