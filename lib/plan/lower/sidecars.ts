/** The sidecar bundle. */

import type { ImagePlan, PipelockPlan, ResourcesPlan, SidecarsPlan, SupervisePlan } from '../bottle-plan.ts';
import { type Daemon, inCanonicalOrder } from '../daemons.ts';
import { DEADLINE_SECONDS } from '../deadline.ts';
import type { DeclaredApp, DeclaredConstruct, DeclaredSidecars } from '../declared.ts';
import { SHAPES, type Shape } from '../services.ts';
import { lowerEnv } from './env.ts';
import { lowerGitGate } from './git-gate.ts';
import { lowerImage, lowerNetwork, lowerResources } from './images.ts';
import { lowerMounts } from './mounts.ts';
import { onlyOne } from './only-one.ts';
import { present } from './optional.ts';
import { lowerOverrides } from './overrides.ts';
import { lowerEgress } from './routes.ts';
import { fieldsOf, flag, number, texts, word, wrongType } from './shape.ts';
import type { Site } from './site.ts';
import { sortedTexts } from './sorted.ts';

export const SIDECARS_RESOURCES: ResourcesPlan = { memory: '1g', pids: 512 };

/** pipelock buffers an intercepted body whole (domain §4). */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
const MAX_BODY_BYTES = 5 * 1024 * 1024;

const KEYS = {
  allowed: [
    'image',
    'shape',
    'egress',
    'pipelock',
    'gitGate',
    'supervise',
    'trustedCAs',
    'egressNetwork',
    'env',
    'mounts',
    'resources',
  ],
};

function lowerPipelock(site: Site, props: unknown): PipelockPlan {
  const fields = fieldsOf(site, '`pipelock`', props, {
    allowed: ['engine', 'allow', 'exposed', 'maxResponseBytes', 'maxBodyBytes'],
  });
  const engine = word(site, '`engine` of pipelock', fields['engine'], ['pipelock', 'builtin']);
  return site.declared({
    path: site.path,
    ...present({ engine }),
    allow:
      sortedTexts((texts(site, '`allow` of pipelock', fields['allow']) ?? []).map((host) => host.toLowerCase())) ?? [],
    exposed: flag(site, '`exposed` of pipelock', fields['exposed']) ?? false,
    maxResponseBytes: number(site, '`maxResponseBytes` of pipelock', fields['maxResponseBytes']) ?? MAX_RESPONSE_BYTES,
    maxBodyBytes: number(site, '`maxBodyBytes` of pipelock', fields['maxBodyBytes']) ?? MAX_BODY_BYTES,
  });
}

function lowerSupervise(site: Site, props: unknown): SupervisePlan {
  if (typeof props !== 'object' && typeof props !== 'boolean') {
    wrongType(site, '`supervise`', props, 'true, false or { deadlineSeconds }');
  }
  const options = typeof props === 'object' ? props : {};
  const fields = fieldsOf(site, '`supervise`', options, { allowed: ['deadlineSeconds'] });
  const deadlineSeconds = number(site, '`deadlineSeconds`', fields['deadlineSeconds']) ?? DEADLINE_SECONDS.standard;
  return site.declared({ path: site.path, deadlineSeconds });
}

function daemonPlan<C extends DeclaredConstruct, P>(
  site: Site,
  what: string,
  constructs: readonly C[],
  lower: (site: Site, construct: C) => P,
): P | undefined {
  const construct = onlyOne(site, what, constructs);
  return construct === undefined ? undefined : lower(site.construct(construct.path, construct.locate), construct);
}

/** The four words that ask for the split shape, any case, surrounding spaces ignored (domain §2). */
const asksForSplit = (flagText = ''): boolean => ['0', 'false', 'no', 'off'].includes(flagText.trim().toLowerCase());

function shapeOf(site: Site, declared: unknown, { bundleFlag }: DeclaredApp): Shape {
  // Judged in any case: what is wrong with it is wrong without the environment variable, too.
  const shape = word(site, '`shape`', declared, SHAPES) ?? 'bundle';
  return asksForSplit(bundleFlag) ? 'split' : shape;
}

function imageOf(site: Site, declared: unknown, app: DeclaredApp): ImagePlan {
  // Lowered in any case: what is wrong with it is wrong without the environment variable, too.
  const image = lowerImage(site, declared);
  const { sidecarImage = '' } = app;
  return sidecarImage === '' ? image : site.declared({ kind: 'reference', reference: sidecarImage });
}

export function lowerSidecars(site: Site, sidecars: DeclaredSidecars, app: DeclaredApp): SidecarsPlan {
  const fields = fieldsOf(site, '`sidecars`', sidecars.props, KEYS);
  const egress = daemonPlan(site, 'egress', sidecars.egress, lowerEgress);
  const pipelock =
    daemonPlan(site, 'pipelock', sidecars.pipelock, (at, { props }) => lowerPipelock(at, props)) ??
    lowerPipelock(site, {});
  const gitGate = daemonPlan(site, 'git-gate', sidecars.gitGate, lowerGitGate);
  const supervise = daemonPlan(site, 'supervise', sidecars.supervise, (at, { props }) => lowerSupervise(at, props));
  const daemons: Daemon[] = ['pipelock'];
  if (egress !== undefined) daemons.push('egress');
  if (gitGate !== undefined) daemons.push('git-gate');
  if (supervise !== undefined) daemons.push('supervise');
  return site.declared({
    path: site.path,
    image: imageOf(site, fields['image'], app),
    shape: shapeOf(site, fields['shape'], app),
    daemons: inCanonicalOrder(daemons),
    ...present({ egress, gitGate, supervise }),
    pipelock,
    trustedCAs: texts(site, '`trustedCAs`', fields['trustedCAs']) ?? [],
    egressNetwork: lowerNetwork(site, fields['egressNetwork']),
    env: lowerEnv(site, fields['env']),
    mounts: lowerMounts(site, fields['mounts']),
    resources: lowerResources(site, fields['resources'], SIDECARS_RESOURCES),
    overrides: lowerOverrides(site, sidecars.overrides),
  });
}
