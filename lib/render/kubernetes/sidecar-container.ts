/** The container of one daemon: the bundle's image, told of that daemon alone. */

import {
  type BottlePlan,
  CONFIG_DIR,
  DAEMON_UID,
  type Daemon,
  EVENTS_DIR,
  GIT_MIRROR_DIR,
  INIT_DIR,
  PRIVATE_DIR,
  SECRET_DIR,
  type SecretHoldingDaemon,
  SUPERVISE_QUEUE_DIR,
  TRUST_DIR,
} from '../../plan/index.ts';
import { sidecarVariables } from './environment.ts';
import { claimName, configName, secretName } from './names.ts';
import {
  claimVolume,
  configVolume,
  type Mounted,
  memoryVolume,
  podVolume,
  secretVolume,
  userVolume,
} from './pod-volumes.ts';
import { mebibytes } from './quantities.ts';
import { containerResources } from './resources.ts';
import { containerSecurity } from './security.ts';

/** supervise refuses a queue that others may enter, and a fresh volume is open to all: this directory in it is not. */
export const QUEUE_SUBPATH = 'queue';
export const QUEUE_VOLUME = 'queue';

const holdsSecrets = (daemon: Daemon): daemon is SecretHoldingDaemon => Object.hasOwn(PRIVATE_DIR, daemon);

const config = ({ slug }: BottlePlan, daemon: Daemon): Mounted =>
  configVolume(`${daemon}-config`, configName(daemon, slug), CONFIG_DIR[daemon]);

/** The queue's volume as a whole; the daemon has {@link QUEUE_SUBPATH} of it. */
export const queueVolume = (mountPath: string): Mounted => podVolume(QUEUE_VOLUME, mountPath, mebibytes(64));

function daemonMounts(plan: BottlePlan, daemon: Daemon): readonly Mounted[] {
  switch (daemon) {
    case 'egress':
    case 'pipelock':
      return [configVolume('trust', configName('trust', plan.slug), TRUST_DIR)];
    case 'git-gate':
      return [claimVolume('mirrors', claimName('mirrors', plan.slug), GIT_MIRROR_DIR)];
    case 'supervise': {
      // What `list-egress-routes` reads.
      const queue = queueVolume(SUPERVISE_QUEUE_DIR);
      return [
        config(plan, plan.sidecars.egress === undefined ? 'pipelock' : 'egress'),
        { volume: queue.volume, mount: { ...queue.mount, subPath: QUEUE_SUBPATH } },
      ];
    }
  }
}

function secrets(plan: BottlePlan, daemon: Daemon): readonly Mounted[] {
  if (!holdsSecrets(daemon)) return [];
  return [
    secretVolume(`${daemon}-secrets`, secretName(daemon, plan.slug), SECRET_DIR[daemon]),
    memoryVolume(`${daemon}-private`, PRIVATE_DIR[daemon], mebibytes(16)),
  ];
}

/** All that the container of `daemon` mounts: what compose mounts, at the same paths. */
export function sidecarMounts(plan: BottlePlan, daemon: Daemon): readonly Mounted[] {
  return [
    config(plan, daemon),
    ...daemonMounts(plan, daemon),
    ...secrets(plan, daemon),
    podVolume('events', EVENTS_DIR, mebibytes(16)),
    memoryVolume(`${daemon}-tmp`, '/tmp', mebibytes(16)),
    memoryVolume(`${daemon}-init`, INIT_DIR, mebibytes(1)),
    ...plan.sidecars.mounts.map((mount) => userVolume(plan.slug, daemon, mount)),
  ];
}

/** Asks the init, over its socket, whether the daemon does its work: what compose's health check asks. */
const HEALTH = { exec: { command: ['/usr/local/bin/bundle-health'] }, timeoutSeconds: 5 } as const;

const PROBES = {
  startupProbe: { ...HEALTH, periodSeconds: 2, failureThreshold: 30 },
  // Not ready is what takes a daemon out of the Service; the init's own restarts are faster than this.
  readinessProbe: { ...HEALTH, periodSeconds: 5, failureThreshold: 3 },
  // The last resort: a minute in which the init has not brought its daemon back.
  livenessProbe: { ...HEALTH, periodSeconds: 10, failureThreshold: 6 },
} as const;

export function sidecarContainer(plan: BottlePlan, daemon: Daemon, image: string): object {
  const uid = DAEMON_UID[daemon];
  return {
    name: daemon,
    image,
    imagePullPolicy: 'IfNotPresent',
    env: sidecarVariables(plan, daemon),
    resources: containerResources(daemon, plan.sidecars.resources),
    securityContext: containerSecurity({ uid, gid: uid }, true),
    volumeMounts: sidecarMounts(plan, daemon).map(({ mount }) => mount),
    ...PROBES,
  };
}
