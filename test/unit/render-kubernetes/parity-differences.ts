/** Where the two targets differ, and why that is right. Whatever differs and is not here is a fault. */

export interface Difference {
  /** The facts that it is about. */
  readonly fact: RegExp;
  readonly reason: string;
}

const DAEMON = '(?:egress|pipelock|git-gate|supervise)';

export const DIFFERENCES: readonly Difference[] = [
  {
    fact: new RegExp(`^${DAEMON} (?:listens|file /etc/.*\\.(?:yaml|json))$`),
    reason:
      'a pod has no aliases: its host name is the one name that leads to its address, the loopback stays the loopback',
  },
  {
    fact: /^egress env EGRESS_UPSTREAM_PROXY$/,
    reason: 'an exposed pipelock listens on the address of the pod, to which no alias leads but the host name',
  },
  {
    fact: /^agent env (?:https?_proxy|HTTPS?_PROXY)$/,
    reason: "the agent resolves no name, so its proxy is at the Service's address (domain §10)",
  },
  {
    fact: /^agent mount \/etc\/hosts$/,
    reason: 'the aliases that compose gives on the internal network, with the address of the Service',
  },
  {
    fact: /^egress env EGRESS_TOKEN_\d+$/,
    reason:
      "compose takes a slot from the state directory's .env, which names the variable; here the Secret is made from it",
  },
  {
    fact: new RegExp(`^${DAEMON} user$`),
    reason: "compose's init is root and starts the daemon under its uid; here the container has that uid",
  },
  {
    fact: new RegExp(`^${DAEMON} capabilities$`),
    reason: 'an init that is not root switches no user, and the restricted level allows no such capability',
  },
  {
    fact: /^(?:egress|pipelock) file \/etc\/claude-bottle\/trust\/trusted-cas\.pem$/,
    reason: 'empty where the definition trusts nobody, so it is rendered; for compose deploy writes it in any case',
  },
  { fact: /^agent user$/, reason: 'the restricted level wants a number; ours is the number of the user in our image' },
  {
    fact: /^(?:egress mount \/home\/mitmproxy\/\.mitmproxy|pipelock mount \/run\/pipelock|git-gate mount \/run\/git-gate)$/,
    reason: 'a volume in memory has no owner or mode, but it is in one container, which one user runs in',
  },
  {
    fact: new RegExp(`^${DAEMON} mount /run/claude-bottle-events$|^supervise mount /run/supervise/queue$`),
    reason:
      "there is no state directory on a node: the operator's verbs read these by kubectl exec, as long as the pod lives",
  },
  {
    fact: /^agent mount \/tmp$/,
    reason:
      'a volume in memory without a limit has that of the node, so it has that of the container, which it counts as',
  },
  { fact: / pids$/, reason: 'no field of a pod limits processes: a kubelet does, for each pod (podPidsLimit)' },
  { fact: / logs$/, reason: 'a kubelet rotates the logs of containers (containerLogMaxSize)' },
  { fact: / restart$/, reason: 'restartPolicy Always, the only one that a Deployment has' },
  {
    fact: /^(?:egress|supervise) names$/,
    reason:
      'the daemons share a pod, whose resolver is one, as in the bundle; in the split shape these two have no way out',
  },
];
