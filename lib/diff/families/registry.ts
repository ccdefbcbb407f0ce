import type { Comparison } from '../family.ts';
import { containers } from './containers.ts';
import { credentials } from './credentials.ts';
import { daemons } from './daemons.ts';
import { declared } from './declared.ts';
import { environment } from './environment.ts';
import { git } from './git.ts';
import { givenVariables } from './given-variables.ts';
import { hosts } from './hosts.ts';
import { images } from './images.ts';
import { labels } from './labels.ts';
import { mounts } from './mounts.ts';
import { networks } from './networks.ts';
import { places } from './places.ts';
import { policy } from './policy.ts';
import { texts } from './texts.ts';

/**
 * Every family of facets. Each takes its part out of both versions, so their order counts: hosts read the lists that
 * `policy` takes.
 */
export const FAMILIES: readonly Comparison[] = [
  hosts,
  credentials,
  ...policy,
  ...git,
  ...declared,
  daemons,
  givenVariables,
  environment,
  labels,
  ...mounts,
  ...containers,
  ...places,
  images,
  networks,
  texts,
];
