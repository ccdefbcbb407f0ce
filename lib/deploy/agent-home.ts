/** Where the agent is at home in an image of the user's own, and what compose has to be told for it. */

import { posix } from 'node:path';
import { AGENT_HOME } from '../plan/index.ts';
import { VOLUME } from '../render/compose/volumes.ts';
import { isWithin, overlap } from '../rules/container-paths.ts';
import type { ComposeFile } from './compose-file.ts';
import type { AgentFacts } from './images/index.ts';
import type { ServiceAdditions } from './state/override.ts';

/** What an image runs from, or what is mounted already; `nobody` and the users of daemons have such homes. */
const SYSTEM_TREES = ['/bin', '/boot', '/dev', '/etc', '/lib', '/lib64', '/proc', '/run', '/sbin', '/sys', '/tmp'];
const SYSTEM_DIRECTORIES = ['/', '/home', '/media', '/mnt', '/opt', '/srv', '/usr', '/var', '/nonexistent'];
const PROGRAM_TREES = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec', '/usr/share', '/var/run', '/var/lib'];

/** Whether a volume may be mounted there, in place of what the image has. */
function isHome(path: string, targets: readonly string[]): boolean {
  if (!path.startsWith('/') || posix.normalize(path) !== path) return false;
  if (SYSTEM_DIRECTORIES.includes(path) || [...SYSTEM_TREES, ...PROGRAM_TREES].some((tree) => overlap(path, tree))) {
    return isWithin(path, '/var/lib') && path !== '/var/lib';
  }
  return !targets.some((target) => target !== AGENT_HOME && overlap(path, target));
}

export interface AgentHome {
  readonly path: string;
  readonly additions: ServiceAdditions;
}

/**
 * The home that the image or the definition gives the agent's user, kept in the volume of the agent's home; where there
 * is none that can be kept, the one of our own image.
 */
export function agentHome({ home }: Pick<AgentFacts, 'home'>, { agent }: Pick<ComposeFile, 'agent'>): AgentHome {
  if (home === AGENT_HOME) return { path: home, additions: {} };
  if (isHome(home, agent.targets)) {
    return { path: home, additions: { volumes: [{ type: 'volume', source: VOLUME.home, target: home }] } };
  }
  if (agent.home !== undefined) return { path: home, additions: {} };
  return { path: AGENT_HOME, additions: { environment: [`HOME=${AGENT_HOME}`] } };
}
