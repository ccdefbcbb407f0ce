/** Mounts in the compose specification's long syntax. */

import {
  AGENT_DIR,
  AGENT_HOME,
  type BottlePlan,
  CLAUDE_SKILLS_DIR,
  CONFIG_DIR,
  composeText,
  type Daemon,
  EVENTS_DIR,
  GIT_MIRROR_DIR,
  type MountPlan,
  PROJECT_DIR_VARIABLE,
  SECRET_DIR,
  SUPERVISE_QUEUE_DIR,
  TRUST_DIR,
  WORKSPACE_DIR,
  WORKSPACE_SNAPSHOT_DIR,
  type WorkspacePlan,
  workspaceDirectory,
} from '../../plan/index.ts';

/** Named volumes of a bottle, by their key in the compose file. */
export const VOLUME = { home: 'agent-home', workspace: 'workspace', mirrors: 'git-mirrors' } as const;

/** Prefix of the compose key of a volume that the definition names, so that it never meets one of ours. */
const USER_VOLUME_PREFIX = 'user-';

/** A bind mount. A missing source is an error of the engine, never a directory that it creates as root. */
function bind(source: string, target: string, readOnly: boolean): object {
  return {
    type: 'bind',
    source,
    target,
    ...(readOnly ? { read_only: true } : {}),
    bind: { create_host_path: false },
  };
}

const volume = (source: string, target: string): object => ({ type: 'volume', source, target });

/** What one daemon mounts, whether it shares a container with the others or not. Sources are in the state directory. */
function daemonVolumes(daemon: Daemon, plan: BottlePlan): readonly object[] {
  const config = bind(`./${daemon}`, CONFIG_DIR[daemon], true);
  const trust = bind('./trust', TRUST_DIR, true);
  const secrets = (name: keyof typeof SECRET_DIR): object => bind(`./secrets/${name}`, SECRET_DIR[name], true);
  switch (daemon) {
    case 'egress':
      return [config, secrets('egress'), trust];
    case 'pipelock':
      return [config, secrets('pipelock'), trust];
    case 'git-gate':
      return [config, secrets('git-gate'), volume(VOLUME.mirrors, GIT_MIRROR_DIR)];
    case 'supervise': {
      // What `list-egress-routes` reads.
      const listed: Daemon = plan.sidecars.egress === undefined ? 'pipelock' : 'egress';
      return [config, bind(`./${listed}`, CONFIG_DIR[listed], true), bind('./queue', SUPERVISE_QUEUE_DIR, false)];
    }
  }
}

/** Where a bind source of the definition lies: as spelled if absolute or in the home, else below the project. */
function projectPath(source: string): string {
  const spelled = composeText(source);
  if (spelled.startsWith('/') || spelled === '~' || spelled.startsWith('~/')) return spelled;
  return `\${${PROJECT_DIR_VARIABLE}:?}/${spelled.replace(/^(\.\/+)+/, '')}`;
}

function userMount(mount: MountPlan): object {
  switch (mount.kind) {
    case 'bind':
      return bind(projectPath(mount.source), composeText(mount.target), mount.readOnly);
    case 'volume':
      return volume(`${USER_VOLUME_PREFIX}${mount.name}`, composeText(mount.target));
    case 'tmpfs':
      return {
        type: 'tmpfs',
        target: composeText(mount.target),
        ...(mount.size === undefined ? {} : { tmpfs: { size: mount.size } }),
      };
  }
}

/** The volumes of a sidecar: the union of what its daemons need, then what every init and the definition want. */
export function sidecarVolumes(plan: BottlePlan, daemons: readonly Daemon[]): readonly object[] {
  const needed = daemons.flatMap((daemon) => daemonVolumes(daemon, plan));
  const union = new Map(needed.map((entry) => [JSON.stringify(entry), entry]));
  return [...union.values(), bind('./events', EVENTS_DIR, false), ...plan.sidecars.mounts.map(userMount)];
}

function workspaceMount(workspace: WorkspacePlan | undefined): readonly object[] {
  if (workspace === undefined || workspace.kind === 'clone') return [];
  if (workspace.kind === 'copy') return [bind('./snapshot', WORKSPACE_SNAPSHOT_DIR, true)];
  return [bind(projectPath(workspace.hostPath), composeText(workspaceDirectory(workspace)), workspace.readOnly)];
}

/** The volumes of `agent`. */
export function agentVolumes(plan: BottlePlan): readonly object[] {
  return [
    bind('./agent', AGENT_DIR, true),
    ...(plan.agent.skills.length === 0 ? [] : [bind('./agent/skills', CLAUDE_SKILLS_DIR, true)]),
    volume(VOLUME.home, AGENT_HOME),
    volume(VOLUME.workspace, WORKSPACE_DIR),
    ...workspaceMount(plan.agent.workspace),
    ...plan.agent.mounts.map(userMount),
  ];
}

/** Keys of the named volumes of a bottle, each once. */
export function volumeNames(plan: BottlePlan): readonly string[] {
  const users = [...plan.agent.mounts, ...plan.sidecars.mounts].flatMap((mount) =>
    mount.kind === 'volume' ? [`${USER_VOLUME_PREFIX}${mount.name}`] : [],
  );
  const ours = [VOLUME.home, VOLUME.workspace, ...(plan.sidecars.gitGate === undefined ? [] : [VOLUME.mirrors])];
  return [...new Set([...ours, ...users])];
}
