/**
 * Names of the objects of a bottle. All are DNS labels (RFC 1123). In a namespace that bottles share, no two bottles may
 * meet: for one kind of object, no word below is the beginning of another one at a hyphen.
 */

import { createHash } from 'node:crypto';
import { agentContainerName, type Daemon, NAME_PREFIX, sidecarsContainerName } from '../../plan/index.ts';
import type { KubernetesOptions } from './options.ts';

const named = (word: string, slug: string): string => `${NAME_PREFIX}${word}-${slug}`;

/** The first hexadecimal digits of a digest: enough to keep names apart that nobody chooses to collide. */
export const shortDigest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

export const namespaceName = (slug: string, { namespace }: KubernetesOptions): string =>
  namespace ?? `${NAME_PREFIX}${slug}`;

/** Deployment, and host name of its pod. */
export const agentName = agentContainerName;
export const sidecarsName = sidecarsContainerName;

/**
 * The Service of the sidecars. Its name makes the variable by which the agent's pod gets the address, so in a namespace
 * of the bottle's own it is without the slug (domain §10).
 */
export const serviceName = (slug: string, { namespace }: KubernetesOptions): string =>
  namespace === undefined ? `${NAME_PREFIX}sidecars` : sidecarsName(slug);

/** The variable that the kubelet sets for a Service (Kubernetes, "Service", "Environment variables"). */
export const serviceHostVariable = (service: string): string =>
  `${service.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST`;

export const accountName = (owner: 'agent' | 'sidecars', slug: string): string => named(owner, slug);
export const policyName = (policy: 'deny' | 'agent' | 'sidecars', slug: string): string => named(policy, slug);

/** ConfigMaps: a daemon's configuration, the agent's files, `trust` and `roots` (the agent's merged CA bundle). */
export const configName = (owner: Daemon | 'agent' | 'trust' | 'roots', slug: string): string => named(owner, slug);

/** Secrets: files of a daemon, egress's tokens, and values for variables of the definition. */
export const secretName = (owner: Daemon | 'tokens' | 'agent' | 'sidecars', slug: string): string => named(owner, slug);

export const claimName = (claim: 'workspace' | 'home' | 'mirrors', slug: string): string => named(claim, slug);

/** A volume that the definition names, in a pod; as long as {@link claimName}'s longest word. */
export const userVolumeName = (volume: string): string => `u${shortDigest(volume)}`;

/** The claim of a volume that the definition names: its name may be any text, and end as another slug begins. */
export const userClaimName = (volume: string, slug: string): string => named(userVolumeName(volume), slug);
