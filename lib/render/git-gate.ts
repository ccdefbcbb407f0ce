/** `git-gate/`: the remotes that git-gate mirrors and forwards to, and the host keys it accepts. */

import {
  type BottlePlan,
  type GitGateFile,
  type GitRemotePlan,
  gitKeyFile,
  PRIVATE_DIR,
  parseGitSshUrl,
} from '../plan/index.ts';
import { listenAddress } from './listen.ts';
import { jsonText } from './yaml.ts';

/** One line of known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): a port other than 22 is written `[host]:port`. */
function knownHostLine(remote: GitRemotePlan): string {
  const parsed = parseGitSshUrl(remote.url);
  if (parsed === undefined) throw new Error(`not an SSH URL, and no rule has said so: ${remote.url}`);
  const host = parsed.port === 22 ? parsed.host : `[${parsed.host}]:${parsed.port}`;
  return `${host} ${remote.knownHostKey}`;
}

/** The files below `git-gate/`, or none for a bottle without git remotes. */
export function renderGitGate(plan: BottlePlan): Readonly<Record<string, string>> {
  const { gitGate } = plan.sidecars;
  if (gitGate === undefined) return {};
  const file: GitGateFile = {
    version: 1,
    listen: listenAddress(plan, 'git-gate'),
    remotes: gitGate.remotes.map((remote) => ({
      name: remote.name,
      url: remote.url,
      key: `${PRIVATE_DIR['git-gate']}/${gitKeyFile(remote.name)}`,
      access: remote.access,
      ...(remote.branches === undefined ? {} : { branches: remote.branches }),
      protectedPaths: remote.protectedPaths,
      allow: remote.allow,
    })),
  };
  const lines = [...new Set(gitGate.remotes.map(knownHostLine))];
  return { 'git-gate.json': jsonText(file), known_hosts: `${lines.join('\n')}\n` };
}
