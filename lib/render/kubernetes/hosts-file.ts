/**
 * How the agent knows the sidecars by name though it resolves none: a hosts file with the Service's address, which is not
 * known at render time. A step before the agent writes it from the variable that the kubelet sets, and the agent has it
 * read-only at /etc/hosts, which a kubelet leaves alone where something is mounted. So git's configuration, the entry of
 * supervise's server and its check of the Host header are the same as in compose.
 */

import { type BottlePlan, longAlias } from '../../plan/index.ts';
import { expandedText, serviceAddress } from './environment.ts';
import { agentName } from './names.ts';
import type { KubernetesOptions } from './options.ts';
import { type Mounted, memoryVolume } from './pod-volumes.ts';
import { mebibytes } from './quantities.ts';
import { agentFacing } from './reachable.ts';
import { stepResources } from './resources.ts';
import { containerSecurity, type Identity } from './security.ts';

const VOLUME = 'hosts';
const DIRECTORY = '/hosts';
const FILE = 'hosts';

/** In words of a POSIX shell without `$(`, which a kubelet would expand; arguments: address, our names, theirs. */
const SCRIPT = `set -eu
case $1 in
  '' | *[!0-9.]*) echo "claude-bottle: the Service of the sidecars has no IPv4 address yet: apply the Service first" >&2; exit 1 ;;
esac
printf '127.0.0.1 localhost %s\\n::1 localhost\\n%s %s\\n' "$2" "$1" "$3" >${DIRECTORY}/${FILE}
`;

export const hostsVolume = (): Mounted => memoryVolume(VOLUME, DIRECTORY, mebibytes(1));

/** Where the agent has the file. */
export const hostsMount = { name: VOLUME, mountPath: '/etc/hosts', subPath: FILE, readOnly: true } as const;

/** The names by which the agent reaches what faces it: those of the internal network in compose. */
export const agentFacingNames = (plan: BottlePlan): readonly string[] =>
  agentFacing(plan).flatMap((daemon) => [daemon, longAlias(daemon, plan.slug)]);

/** The init container that writes the file; it fails, and is tried again, until the Service is there. */
export function hostsStep(plan: BottlePlan, options: KubernetesOptions, image: string, identity: Identity): object {
  return {
    name: 'names',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c', expandedText(SCRIPT), 'names'],
    args: [serviceAddress(plan, options), agentName(plan.slug), agentFacingNames(plan).join(' ')],
    resources: stepResources(),
    securityContext: containerSecurity(identity, true),
    volumeMounts: [hostsVolume().mount],
  };
}
