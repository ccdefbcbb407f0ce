/** The sidecar services: the bundle, or one a daemon. */

import {
  answerSlotName,
  type BottlePlan,
  composeText,
  DAEMON_PORT,
  DAEMON_UID,
  DAEMONS_VARIABLE,
  type Daemon,
  type EnvOwner,
  type EnvPlan,
  INIT_DIR,
  longAlias,
  PRIVATE_DIR,
  pipelockIsInnerHop,
  pipelockUrl,
  SECRET_FILE,
  type SecretHoldingDaemon,
  SIDECARS_SERVICE,
  type SidecarContainer,
  SUPERVISE_QUEUE_DIR,
  tokenSlotName,
} from '../../plan/index.ts';
import { hardening, INIT_CAPABILITIES } from './hardening.ts';
import { places } from './networks.ts';
import { NO_OUTSIDE_NAMES } from './resolver.ts';
import { sidecarVolumes } from './volumes.ts';

const DEFAULT_SIDECAR_IMAGE = 'claude-bottle-sidecars:latest';

/** Sizes of the daemons' private tmpfs, which hold keys and merged root certificates. */
const PRIVATE_SIZE = '16m';

/** One declared variable as an entry of a compose `environment` list; what comes from the host never by value. */
export function environmentEntry(variable: EnvPlan, owner: EnvOwner): string {
  const { name } = variable;
  switch (variable.kind) {
    case 'literal':
      return `${name}=${composeText(variable.value)}`;
    case 'host':
      return name === variable.from ? name : `${name}=\${${variable.from}}`;
    case 'ask':
      return `${name}=\${${answerSlotName(owner, name)}:?bottle deploy asks for it, else export it}`;
  }
}

function daemonEnvironment(daemon: Daemon, plan: BottlePlan): readonly string[] {
  switch (daemon) {
    case 'egress':
      return [
        `EGRESS_UPSTREAM_PROXY=${pipelockUrl(plan.slug)}`,
        `EGRESS_UPSTREAM_CA=${PRIVATE_DIR.egress}/${SECRET_FILE.pipelockCa}`,
        ...(plan.sidecars.egress?.tokens ?? []).map((_, slot) => tokenSlotName(slot)),
      ];
    case 'supervise':
      return [
        `SUPERVISE_BOTTLE_SLUG=${plan.slug}`,
        `SUPERVISE_QUEUE_DIR=${SUPERVISE_QUEUE_DIR}`,
        `SUPERVISE_PORT=${DAEMON_PORT.supervise}`,
      ];
    case 'pipelock':
    case 'git-gate':
      return [];
  }
}

/** What the daemons of one container need, and the definition's own: that goes to all of them. */
function environment(plan: BottlePlan, daemons: readonly Daemon[]): readonly string[] {
  return [
    `${DAEMONS_VARIABLE}=${daemons.join(',')}`,
    ...daemons.flatMap((daemon) => daemonEnvironment(daemon, plan)),
    ...plan.sidecars.env.map((variable) => environmentEntry(variable, 'sidecars')),
  ];
}

const holdsSecrets = (daemon: Daemon): daemon is SecretHoldingDaemon => Object.hasOwn(PRIVATE_DIR, daemon);

function tmpfs(daemons: readonly Daemon[]): readonly string[] {
  return [
    '/tmp:mode=1777,size=16m,nr_inodes=1k',
    `${INIT_DIR}:mode=0755,size=1m`,
    ...daemons.filter(holdsSecrets).map((daemon) => {
      const uid = DAEMON_UID[daemon];
      return `${PRIVATE_DIR[daemon]}:uid=${uid},gid=${uid},mode=0700,size=${PRIVATE_SIZE}`;
    }),
  ];
}

/** The image reference of the sidecars; deploy pins the default to the content that it built. */
function image(plan: BottlePlan): string {
  const { image: declared } = plan.sidecars;
  return declared.kind === 'reference' ? composeText(declared.reference) : DEFAULT_SIDECAR_IMAGE;
}

/** How names resolve: in the bundle the inner hop is the loopback; a container without a way out asks nobody outside. */
function resolution(plan: BottlePlan, { service, attachments }: SidecarContainer): object {
  if (service === SIDECARS_SERVICE) {
    return pipelockIsInnerHop(plan) ? { extra_hosts: [`${longAlias('pipelock', plan.slug)}:127.0.0.1`] } : {};
  }
  return attachments.some(({ network }) => network === 'egress') ? {} : NO_OUTSIDE_NAMES;
}

/** A sidecar service, without its labels. */
export function sidecarService(plan: BottlePlan, sidecar: SidecarContainer): object {
  const { container, daemons, attachments } = sidecar;
  return {
    image: image(plan),
    container_name: container,
    networks: places(attachments),
    ...resolution(plan, sidecar),
    environment: environment(plan, daemons),
    volumes: sidecarVolumes(plan, daemons),
    tmpfs: tmpfs(daemons),
    ...hardening(plan.sidecars.resources, true, INIT_CAPABILITIES),
    stop_grace_period: '10s',
    healthcheck: {
      test: ['CMD', '/usr/local/bin/bundle-health'],
      interval: '2s',
      timeout: '5s',
      retries: 3,
      start_period: '30s',
    },
  };
}
