/** The service `sidecars`: the bundle. */

import {
  type BottlePlan,
  DAEMON_PORT,
  DAEMON_UID,
  type EnvPlan,
  INIT_DIR,
  longAlias,
  PRIVATE_DIR,
  pipelockUrl,
  SECRET_FILE,
  type SecretHoldingDaemon,
  SUPERVISE_QUEUE_DIR,
  sidecarsContainerName,
  tokenSlotName,
} from '../../plan/index.ts';
import { pipelockIsInnerHop } from '../listen.ts';
import { hardening, INIT_CAPABILITIES } from './hardening.ts';
import { sidecarAliases } from './networks.ts';
import { composeText } from './text.ts';
import { sidecarVolumes } from './volumes.ts';

export const DEFAULT_SIDECAR_IMAGE = 'claude-bottle-sidecars:latest';

/** Sizes of the daemons' private tmpfs, which hold keys and merged root certificates. */
const PRIVATE_SIZE = '16m';

/** One declared variable as an entry of a compose `environment` list; a host variable never by value. */
export function environmentEntry(variable: EnvPlan): string {
  if (variable.kind === 'literal') return `${variable.name}=${composeText(variable.value)}`;
  return variable.name === variable.from ? variable.name : `${variable.name}=\${${variable.from}}`;
}

function environment(plan: BottlePlan): readonly string[] {
  const { daemons, egress, supervise, env } = plan.sidecars;
  return [
    `CLAUDE_BOTTLE_SIDECAR_DAEMONS=${daemons.join(',')}`,
    ...(egress === undefined
      ? []
      : [
          `EGRESS_UPSTREAM_PROXY=${pipelockUrl(plan.slug)}`,
          `EGRESS_UPSTREAM_CA=${PRIVATE_DIR.egress}/${SECRET_FILE.pipelockCa}`,
          ...egress.tokens.map((_, slot) => tokenSlotName(slot)),
        ]),
    ...(supervise === undefined
      ? []
      : [
          `SUPERVISE_BOTTLE_SLUG=${plan.slug}`,
          `SUPERVISE_QUEUE_DIR=${SUPERVISE_QUEUE_DIR}`,
          `SUPERVISE_PORT=${DAEMON_PORT.supervise}`,
        ]),
    ...env.map(environmentEntry),
  ];
}

function tmpfs(plan: BottlePlan): readonly string[] {
  const holders = Object.keys(PRIVATE_DIR).filter((name): name is SecretHoldingDaemon =>
    plan.sidecars.daemons.some((daemon) => daemon === name),
  );
  return [
    '/tmp:mode=1777,size=256m',
    `${INIT_DIR}:mode=0755,size=1m`,
    ...holders.map((daemon) => {
      const uid = DAEMON_UID[daemon];
      return `${PRIVATE_DIR[daemon]}:uid=${uid},gid=${uid},mode=0700,size=${PRIVATE_SIZE}`;
    }),
  ];
}

/** The image reference of `sidecars`; deploy pins the default to the content that it built. */
function image(plan: BottlePlan): string {
  const { image: declared } = plan.sidecars;
  return declared.kind === 'reference' ? composeText(declared.reference) : DEFAULT_SIDECAR_IMAGE;
}

/** The service, without its labels. */
export function sidecarsService(plan: BottlePlan): object {
  return {
    image: image(plan),
    container_name: sidecarsContainerName(plan.slug),
    networks: { internal: { aliases: sidecarAliases(plan) }, egress: null },
    ...(pipelockIsInnerHop(plan) ? { extra_hosts: [`${longAlias('pipelock', plan.slug)}:127.0.0.1`] } : {}),
    environment: environment(plan),
    volumes: sidecarVolumes(plan),
    tmpfs: tmpfs(plan),
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
