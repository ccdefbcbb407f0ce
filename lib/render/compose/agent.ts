/** The service `agent`: the container that the coding agent works in. */

import {
  AGENT_ENTRYPOINT,
  agentContainerName,
  type BottlePlan,
  composeText,
  sidecarServices,
  WORKSPACE_DIR,
} from '../../plan/index.ts';
import { agentEnvironment } from '../agent/index.ts';
import { hardening } from './hardening.ts';
import { NO_OUTSIDE_NAMES } from './resolver.ts';
import { environmentEntry } from './sidecars.ts';
import { agentVolumes } from './volumes.ts';

const DEFAULT_AGENT_IMAGE = 'claude-bottle-agent:latest';

function image(plan: BottlePlan): string {
  const { image: declared } = plan.agent;
  return declared.kind === 'reference' ? composeText(declared.reference) : DEFAULT_AGENT_IMAGE;
}

/** Every sidecar, healthy: the agent never runs without its proxies. */
function dependencies({ sidecars: { daemons, shape } }: BottlePlan): object {
  return Object.fromEntries(sidecarServices(daemons, shape).map((name) => [name, { condition: 'service_healthy' }]));
}

/** The service, without its labels. */
export function agentService(plan: BottlePlan): object {
  const { agent } = plan;
  return {
    image: image(plan),
    container_name: agentContainerName(plan.slug),
    entrypoint: ['/bin/sh', AGENT_ENTRYPOINT],
    command: agent.command.map(composeText),
    ...(agent.user === undefined ? {} : { user: composeText(agent.user) }),
    ...(agent.runtime === undefined ? {} : { runtime: composeText(agent.runtime) }),
    working_dir: WORKSPACE_DIR,
    networks: { internal: null },
    ...NO_OUTSIDE_NAMES,
    depends_on: dependencies(plan),
    environment: agentEnvironment(plan).map((variable) => environmentEntry(variable, 'agent')),
    volumes: agentVolumes(plan),
    tmpfs: ['/tmp:mode=1777,exec', '/run:mode=0755,size=16m'],
    ...hardening(agent.resources, agent.readOnlyRoot, []),
    stop_grace_period: '10s',
  };
}
