/** `compose.yaml`: the shape of domain §2, key for key. */

import { createHash } from 'node:crypto';
import {
  AGENT_SERVICE,
  type BottlePlan,
  type ComposeDocument,
  type ComposeService,
  LABEL,
  projectName,
  sidecarContainers,
} from '../../plan/index.ts';
import { yamlText } from '../yaml.ts';
import { agentService } from './agent.ts';
import { networks, ownerLabels } from './networks.ts';
import { sidecarService } from './sidecars.ts';
import { composeText } from './text.ts';
import { volumeNames } from './volumes.ts';

/**
 * `service` with its labels: the user's, whose it is, and a digest over the service alone. What it waits for is not of
 * it: where the sidecars run changes nothing in the agent.
 */
function labelled(plan: BottlePlan, service: object): ComposeService {
  const own = { ...service, depends_on: undefined };
  const users = Object.entries(plan.labels).map(([key, value]) => [key, composeText(value)] as const);
  const digest = createHash('sha256').update(JSON.stringify(own)).digest('hex');
  return { ...service, labels: { ...Object.fromEntries(users), ...ownerLabels(plan), [LABEL.digest]: digest } };
}

/** The document as plain data. */
export function composeDocument(plan: BottlePlan): ComposeDocument {
  const sidecars = sidecarContainers(plan).map(
    (sidecar) => [sidecar.service, labelled(plan, sidecarService(plan, sidecar))] as const,
  );
  return {
    name: projectName(plan.slug),
    services: { ...Object.fromEntries(sidecars), [AGENT_SERVICE]: labelled(plan, agentService(plan)) },
    networks: networks(plan),
    volumes: Object.fromEntries(volumeNames(plan).map((name) => [name, { labels: ownerLabels(plan) }])),
  };
}

/** The text of `compose.yaml`. */
export function renderCompose(plan: BottlePlan): string {
  return yamlText(composeDocument(plan));
}
