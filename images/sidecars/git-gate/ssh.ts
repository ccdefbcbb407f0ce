/** How git-gate reaches an upstream: its own known hosts, one key, nothing asked, nothing inherited. */

import { type GitRemoteEntry, KNOWN_HOSTS_FILE } from '../../../lib/plan/index.ts';

const OPTIONS: Readonly<Record<string, string>> = {
  UserKnownHostsFile: KNOWN_HOSTS_FILE,
  GlobalKnownHostsFile: '/dev/null',
  StrictHostKeyChecking: 'yes',
  UpdateHostKeys: 'no',
  IdentitiesOnly: 'yes',
  IdentityAgent: 'none',
  PreferredAuthentications: 'publickey',
  BatchMode: 'yes',
  ConnectTimeout: '10',
  ConnectionAttempts: '1',
  ServerAliveInterval: '15',
  ServerAliveCountMax: '4',
  ForwardAgent: 'no',
  ForwardX11: 'no',
  ClearAllForwardings: 'yes',
  ControlMaster: 'no',
  ControlPath: 'none',
  PermitLocalCommand: 'no',
  LogLevel: 'ERROR',
};

/** The environment that makes git speak ssh to `remote` (git(1), GIT_SSH_COMMAND, which a shell reads). */
export function sshEnvironment(remote: Pick<GitRemoteEntry, 'key'>): NodeJS.ProcessEnv {
  const options = Object.entries(OPTIONS).map(([name, value]) => `-o ${name}=${value}`);
  return {
    GIT_SSH_COMMAND: ['ssh -F /dev/null -T', ...options, `-i ${remote.key}`].join(' '),
    GIT_SSH_VARIANT: 'ssh',
  };
}
