/** The service `agent`: the container that the coding agent works in. */

import { AGENT_ENTRYPOINT, agentContainerName, type BottlePlan, WORKSPACE_DIR } from '../../plan/index.ts';
import { agentEnvironment } from '../agent/index.ts';
import { hardening } from './hardening.ts';
import { environmentEntry } from './sidecars.ts';
import { composeText } from './text.ts';
import { agentVolumes } from './volumes.ts';

export const DEFAULT_AGENT_IMAGE = 'claude-bottle-agent:latest';

function image(plan: BottlePlan): string {
  const { image: declared } = plan.agent;
  return declared.kind === 'reference' ? composeText(declared.reference) : DEFAULT_AGENT_IMAGE;
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
    // The engine's resolver still answers for the bundle's aliases; anything else has nowhere to go.
    dns: ['127.0.0.1'],
    dns_opt: ['timeout:1', 'attempts:1'],
    depends_on: { sidecars: { condition: 'service_healthy' } },
    environment: agentEnvironment(plan).map(environmentEntry),
    volumes: agentVolumes(plan),
    tmpfs: ['/tmp:mode=1777,exec', '/run:mode=0755,size=16m'],
    ...hardening(agent.resources, agent.readOnlyRoot, []),
    stop_grace_period: '10s',
  };
}
