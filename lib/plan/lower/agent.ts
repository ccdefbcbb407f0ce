/** The agent. */

import type { AgentPlan, ResourcesPlan } from '../bottle-plan.ts';
import type { DeclaredAgent } from '../declared.ts';
import { lowerEnv } from './env.ts';
import { lowerImage, lowerResources } from './images.ts';
import { lowerMounts } from './mounts.ts';
import { present } from './optional.ts';
import { lowerOverrides } from './overrides.ts';
import { fieldsOf, flag, text, texts } from './shape.ts';
import type { Site } from './site.ts';
import { lowerSkills } from './skills.ts';
import { lowerWorkspace } from './workspace.ts';

export const AGENT_RESOURCES: ResourcesPlan = { memory: '4g', pids: 1024 };

/** Keeps the container alive; the operator enters with `docker exec`. */
const IDLE = ['sleep', 'infinity'] as const;

const KEYS = {
  allowed: [
    ...['image', 'command', 'env', 'mounts', 'workspace', 'resources', 'runtime', 'user', 'readOnlyRoot'],
    ...['skills', 'prompt'],
  ],
};

export function lowerAgent(site: Site, agent: DeclaredAgent): AgentPlan {
  const fields = fieldsOf(site, '`agent`', agent.props, KEYS);
  const workspace = lowerWorkspace(site, fields['workspace']);
  const runtime = text(site, '`runtime`', fields['runtime']);
  const user = text(site, '`user`', fields['user']);
  const prompt = text(site, '`prompt`', fields['prompt']);
  return site.declared({
    path: site.path,
    image: lowerImage(site, fields['image']),
    command: texts(site, '`command`', fields['command']) ?? IDLE,
    env: lowerEnv(site, fields['env'], agent.addedEnv),
    mounts: lowerMounts(site, fields['mounts'], agent.addedMounts),
    skills: lowerSkills(site, fields['skills']),
    ...present({ workspace, runtime, user, prompt }),
    resources: lowerResources(site, fields['resources'], AGENT_RESOURCES),
    readOnlyRoot: flag(site, '`readOnlyRoot`', fields['readOnlyRoot']) ?? true,
    overrides: lowerOverrides(site, agent.overrides),
  });
}
