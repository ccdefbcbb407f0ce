/** What a definition says and this target cannot do: refused, never left out. */

import { isIPv4 } from 'node:net';
import { type BottlePlan, DNS_LABEL, isWritableBind, type MountPlan, quoted } from '../../plan/index.ts';
import type { KubernetesOptions } from './options.ts';
import { type ImageOwner, imageReference, unpinned } from './pinned-image.ts';

/** One reason why a bottle does not render for Kubernetes; a finding in the making. */
export interface KubernetesProblem {
  /** Construct path. */
  readonly path: string;
  /** Lower case: what is wrong, the value, what is allowed. */
  readonly message: string;
  readonly fix: string;
}

/** Thrown instead of manifests that would not be the bottle of the definition. */
export class KubernetesTargetError extends Error {
  readonly problems: readonly KubernetesProblem[];

  constructor(problems: readonly KubernetesProblem[]) {
    super(problems.map(({ path, message, fix }) => `${path}: ${message}; ${fix}`).join('\n'));
    this.name = 'KubernetesTargetError';
    this.problems = problems;
  }
}

function* imageProblems(plan: BottlePlan, options: KubernetesOptions): Iterable<KubernetesProblem> {
  for (const owner of ['agent', 'sidecars'] as const satisfies readonly ImageOwner[]) {
    const reference = imageReference(plan, owner, options);
    const problem = unpinned(reference, plan.requireDigests === true);
    if (problem === undefined) continue;
    yield {
      path: plan[owner].path,
      message: `the image ${reference === undefined ? '' : `${quoted(reference)} `}of the ${owner} ${problem}; allowed: a digest, or a tag other than latest`,
      fix: "push the image and name it, e.g. Image.from('registry.example.com/team/agent:1.2@sha256:…')",
    };
  }
}

const isBind = (mount: MountPlan): mount is MountPlan & { readonly kind: 'bind' } => mount.kind === 'bind';

/** Nothing of a node's own file system is for a bottle, and what lies on the deploying host is not on the node. */
function* hostProblems({ agent, sidecars }: BottlePlan): Iterable<KubernetesProblem> {
  for (const { path, mounts } of [agent, sidecars]) {
    for (const { source, target } of mounts.filter(isBind)) {
      yield {
        path,
        message: `the bind mount of ${quoted(source)} at ${quoted(target)}; allowed on Kubernetes: volumes and tmpfs`,
        fix: 'use Mount.volume, or put the files into the image',
      };
    }
  }
  const { workspace } = agent;
  if (workspace === undefined || workspace.kind === 'clone') return;
  const kind =
    workspace.kind === 'copy' ? 'a copy' : isWritableBind(workspace) ? 'a directory' : 'a read-only directory';
  yield {
    path: agent.path,
    message: `the workspace is ${kind} of the host's ${quoted(workspace.hostPath)}; allowed on Kubernetes: Workspace.clone, or none`,
    fix: 'declare the repository as a git remote and use Workspace.clone',
  };
}

const NUMERIC_USER = /^([1-9]\d{0,9})(?::(\d{1,10}))?$/;
const LARGEST_ID = 2 ** 31 - 1;

/** The agent's uid and gid; undefined for a user that a kubelet cannot tell from root before it runs. */
export function agentIdentity({ agent }: BottlePlan): { readonly uid: number; readonly gid: number } | undefined {
  if (agent.user === undefined) return { uid: 1000, gid: 1000 };
  const [, uid, gid = uid] = NUMERIC_USER.exec(agent.user) ?? [];
  if (uid === undefined || Number(uid) > LARGEST_ID || Number(gid) > LARGEST_ID) return undefined;
  return { uid: Number(uid), gid: Number(gid) };
}

/** Name of a RuntimeClass (RFC 1123 subdomain). */
const SUBDOMAIN = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
/** `[prefix/]name` (Kubernetes, "Annotations", "Syntax and character set"). */
const ANNOTATION = /^(?:[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

function* valueProblems(plan: BottlePlan): Iterable<KubernetesProblem> {
  const { agent, labels } = plan;
  if (agentIdentity(plan) === undefined) {
    yield {
      path: agent.path,
      message: `\`user\` ${quoted(agent.user ?? '')}; allowed on Kubernetes: a uid other than 0, or uid:gid`,
      fix: "write numbers, e.g. user: '1000:1000'",
    };
  }
  if (agent.runtime !== undefined && !SUBDOMAIN.test(agent.runtime)) {
    yield {
      path: agent.path,
      message: `\`runtime\` ${quoted(agent.runtime)}; allowed on Kubernetes: the name of a RuntimeClass: lower case, digits, '-' and '.'`,
      fix: "name the cluster's RuntimeClass, e.g. 'gvisor'",
    };
  }
  for (const key of Object.keys(labels).filter((name) => !ANNOTATION.test(name))) {
    yield {
      path: plan.path,
      message: `label name ${quoted(key)}; allowed on Kubernetes: at most 63 letters, digits, '_', '.' and '-'`,
      fix: 'rename the label',
    };
  }
}

function* shapeProblems({ agent, sidecars }: BottlePlan): Iterable<KubernetesProblem> {
  for (const { path, overrides } of [agent, sidecars]) {
    if (overrides.length === 0) continue;
    yield {
      path,
      message: `${overrides.length} override${overrides.length === 1 ? '' : 's'} of the compose service; allowed on Kubernetes: none`,
      fix: 'remove them, or change the manifests with a kustomization of your own',
    };
  }
  if (agent.skills.length > 0) {
    yield { path: agent.path, message: 'skills; allowed on Kubernetes: none yet', fix: 'put them into the image' };
  }
  const { egressNetwork: network } = sidecars;
  if (network.kind === 'external' || network.subnet !== undefined) {
    yield {
      path: sidecars.path,
      message: `\`egressNetwork\` ${network.kind === 'external' ? quoted(network.name) : quoted(network.subnet ?? '')}; allowed on Kubernetes: the cluster's own network`,
      fix: 'leave `egressNetwork` out',
    };
  }
}

/** An IPv4 range in CIDR notation, without bits beyond its prefix being judged. */
export function isRange(text: string): boolean {
  const [, address = '', bits] = /^([\d.]{7,15})\/(\d{1,2})$/.exec(text) ?? [];
  return isIPv4(address) && Number(bits) >= 1 && Number(bits) <= 32;
}

function* optionProblems(plan: BottlePlan, options: KubernetesOptions): Iterable<KubernetesProblem> {
  const at = (message: string, fix: string): KubernetesProblem => ({ path: plan.path, message, fix });
  const { namespace, privateRanges = [] } = options;
  if (namespace !== undefined && !DNS_LABEL.test(namespace)) {
    yield at(`namespace ${quoted(namespace)}; allowed: a DNS label`, 'name an existing namespace');
  }
  for (const range of privateRanges.filter((text) => !isRange(text))) {
    yield at(
      `private range ${quoted(range)}; allowed: IPv4 addresses with a prefix, e.g. 34.118.224.0/20`,
      'write it so',
    );
  }
}

/** Everything that keeps `plan` from this target; none if it renders. */
export function kubernetesProblems(plan: BottlePlan, options: KubernetesOptions = {}): readonly KubernetesProblem[] {
  return [
    ...imageProblems(plan, options),
    ...hostProblems(plan),
    ...valueProblems(plan),
    ...shapeProblems(plan),
    ...optionProblems(plan, options),
  ];
}
