/** Volumes of pods with their mounts, and what the definition mounts. */

import type { MountPlan } from '../../plan/index.ts';
import { shortDigest, userClaimName, userVolumeName } from './names.ts';
import { bytesOf, bytesQuantity } from './quantities.ts';

/** A Volume of the API. */
export interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

/** A VolumeMount of the API. */
export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: true;
  readonly subPath?: string;
}

export interface Mounted {
  readonly volume: Volume;
  readonly mount: VolumeMount;
}

/** Readable for the pod's group, to whom the kubelet gives it; keys for nobody else. */
const MODE = { public: 0o444, key: 0o440 } as const;

/** A whole directory: only so does a kubelet's update of the object reach who watches it. */
export function configVolume(name: string, configMap: string, mountPath: string): Mounted {
  return {
    volume: { name, configMap: { name: configMap, defaultMode: MODE.public } },
    mount: { name, mountPath, readOnly: true },
  };
}

export function secretVolume(name: string, secretName: string, mountPath: string): Mounted {
  return {
    volume: { name, secret: { secretName, defaultMode: MODE.key } },
    mount: { name, mountPath, readOnly: true },
  };
}

/** A tmpfs, which counts as memory of the container that writes; `size` in bytes. */
export function memoryVolume(name: string, mountPath: string, size?: number): Mounted {
  return {
    volume: {
      name,
      emptyDir: { medium: 'Memory', ...(size === undefined ? {} : { sizeLimit: bytesQuantity(size) }) },
    },
    mount: { name, mountPath },
  };
}

/** A directory on the node's disk that lives as long as the pod. */
export function podVolume(name: string, mountPath: string, size: number): Mounted {
  return { volume: { name, emptyDir: { sizeLimit: bytesQuantity(size) } }, mount: { name, mountPath } };
}

export function claimVolume(name: string, claimName: string, mountPath: string): Mounted {
  return { volume: { name, persistentVolumeClaim: { claimName } }, mount: { name, mountPath } };
}

/** A mount of the definition; `owner` keeps apart what is each container's own. */
export function userVolume(slug: string, owner: string, mount: MountPlan): Mounted {
  switch (mount.kind) {
    case 'volume':
      return claimVolume(userVolumeName(mount.name), userClaimName(mount.name, slug), mount.target);
    case 'tmpfs':
      return memoryVolume(
        `${owner}-${shortDigest(mount.target)}`,
        mount.target,
        mount.size === undefined ? undefined : bytesOf(mount.size),
      );
    case 'bind':
      throw new Error('a bind mount, and nothing has refused it');
  }
}

/** The volumes of a pod, each once. */
export function distinctVolumes(mounted: readonly Mounted[]): readonly Volume[] {
  return [...new Map(mounted.map(({ volume }) => [volume.name, volume])).values()];
}
