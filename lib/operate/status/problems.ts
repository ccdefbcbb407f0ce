/** What keeps a bottle from being healthy, in words. */

import type { BottleStatus, ContainerStatus, DaemonStatus } from './model.ts';

type Judged = Omit<BottleStatus, 'healthy' | 'problems' | 'state'> & { readonly incomplete: boolean };

function containerProblem({ name, status, restarts, imageIsDeployed }: ContainerStatus): readonly string[] {
  if (status === 'missing') return [`${name} does not exist`];
  if (status !== 'running') return [`${name} is ${status}${restarts > 0 ? `, restarted ${restarts} times` : ''}`];
  return imageIsDeployed === false ? [`${name} was made from another image than was deployed`] : [];
}

function daemonProblem({ daemon, up, detail, crashLoop, restarts, policy }: DaemonStatus): readonly string[] {
  if (crashLoop) return [`${daemon} is in a crash loop, started again ${restarts} times${up ? '' : `: ${detail}`}`];
  if (!up) return [`${daemon} is down: ${detail}`];
  if (policy.standing === 'in force') return [];
  if (policy.standing === 'unknown') return [`${daemon} does not say which policy it runs`];
  return [`${daemon} runs another policy than the one that lies in the state directory`];
}

export function problemsOf(status: Judged): readonly string[] {
  const { slug, containers, daemons, network, grants, proposals, incomplete, workspace } = status;
  const again = `bottle deploy ${slug}`;
  return [
    ...containers.flatMap(containerProblem),
    ...daemons.flatMap(daemonProblem),
    ...(incomplete ? [`its last deploy did not end; ${again} goes on with it`] : []),
    ...(network.sealed === false ? [`broadcasts of the agent reach the host; ${again} seals its networks again`] : []),
    ...(workspace?.unprotected == null ? [] : [`workspace ${workspace.name}: ${workspace.unprotected}`]),
    ...(grants === null ? ['its live grants cannot be read'] : []),
    ...(proposals === null ? ['its proposals cannot be read'] : []),
  ];
}
