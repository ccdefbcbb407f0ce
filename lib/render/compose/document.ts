/** `compose.yaml`: the shape of domain §2, key for key. */

import { createHash } from 'node:crypto';
import { type BottlePlan, LABEL, projectName } from '../../plan/index.ts';
import { yamlText } from '../yaml.ts';
import { agentService } from './agent.ts';
import { networks, ownerLabels } from './networks.ts';
import { sidecarsService } from './sidecars.ts';
import { composeText } from './text.ts';
import { volumeNames } from './volumes.ts';

/** `service` with its labels: the user's, whose it is, and a digest over the service alone. */
function labelled(plan: BottlePlan, service: object): object {
  const users = Object.entries(plan.labels).map(([key, value]) => [key, composeText(value)] as const);
  const digest = createHash('sha256').update(JSON.stringify(service)).digest('hex');
  return { ...service, labels: { ...Object.fromEntries(users), ...ownerLabels(plan), [LABEL.digest]: digest } };
}

/** The document as plain data. */
export function composeDocument(plan: BottlePlan): object {
  return {
    name: projectName(plan.slug),
    services: {
      sidecars: labelled(plan, sidecarsService(plan)),
      agent: labelled(plan, agentService(plan)),
    },
    networks: networks(plan),
    volumes: Object.fromEntries(volumeNames(plan).map((name) => [name, { labels: ownerLabels(plan) }])),
  };
}

/** The text of `compose.yaml`. */
export function renderCompose(plan: BottlePlan): string {
  return yamlText(composeDocument(plan));
}
