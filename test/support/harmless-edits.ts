/** Overrides that open nothing: the rules let them pass, and a bottle with all of them is as tight as without. */

export interface HarmlessEdit {
  readonly on: 'agent' | 'sidecars';
  /** `addOverride(path, value)` */
  readonly path: string;
  readonly value: unknown;
}

const both = (path: string, value: unknown): readonly HarmlessEdit[] => [
  { on: 'agent', path, value },
  { on: 'sidecars', path, value },
];

const agent = (path: string, value: unknown): HarmlessEdit => ({ on: 'agent', path, value });
const sidecars = (path: string, value: unknown): HarmlessEdit => ({ on: 'sidecars', path, value });

export const HARMLESS_EDITS: readonly HarmlessEdit[] = [
  ...both('x-note', 'for the auditors'),
  ...both('labels.com\\.example\\.team', 'platform'),
  ...both('attach', false),
  ...both('cpu_shares', 512),
  ...both('cpu_period', 100_000),
  ...both('cpu_quota', 200_000),
  ...both('mem_reservation', '128m'),
  ...both('mem_swappiness', 10),
  agent('memswap_limit', '4g'),
  sidecars('memswap_limit', '2g'),
  ...both('oom_score_adj', 100),
  ...both('shm_size', '64m'),
  ...both('ulimits.nofile', { soft: 4096, hard: 8192 }),
  ...both('privileged', false),
  ...both('cgroup', 'private'),
  ...both('ipc', 'private'),
  ...both('logging', { driver: 'json-file', options: { 'max-size': '5m', 'max-file': '2' } }),
  ...both('mem_limit', '2g'),
  ...both('pids_limit', 700),
  ...both('security_opt', ['no-new-privileges=true']),
  sidecars('stop_grace_period', '20s'),
  sidecars('stop_signal', 'SIGTERM'),
  sidecars('cap_add', ['KILL', 'CAP_SETGID', 'setuid']),
  agent('stop_grace_period', '1s'),
  agent('stop_signal', 'SIGINT'),
  agent('command', ['sleep', '1d']),
  agent('working_dir', '/tmp'),
  agent('tty', true),
  agent('stdin_open', true),
  agent('init', true),
  agent('expose', ['3000']),
  agent('group_add', ['1234']),
  agent('tmpfs', ['/tmp:mode=1777,exec,size=512m', '/run:mode=0755,size=16m']),
  agent('healthcheck', { test: ['CMD', 'true'], interval: '30s' }),
];
