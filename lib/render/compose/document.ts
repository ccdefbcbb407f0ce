/** `compose.yaml`: the shape of domain §2, key for key. */

import { createHash } from 'node:crypto';
import {
  AGENT_SERVICE,
  type BottlePlan,
  type ComposeDocument,
  type ComposeService,
  composeText,
  LABEL,
  type OverrideEffect,
  projectName,
  sidecarContainers,
} from '../../plan/index.ts';
import { agentService } from './agent.ts';
import { networks, ownerLabels } from './networks.ts';
import { overridden } from './overrides.ts';
import { sidecarService } from './sidecars.ts';
import { volumeNames } from './volumes.ts';

type Services = ComposeDocument['services'];

export interface RenderedDocument {
  /** After all overrides. */
  readonly compose: ComposeDocument;
  /** Without any override; the same object as {@link compose} where there is none. */
  readonly plain: ComposeDocument;
  readonly effects: readonly OverrideEffect[];
}

/** `service` with the definition's labels, to which overrides may add. */
function withDeclaredLabels(plan: BottlePlan, service: object): ComposeService {
  const labels = Object.entries(plan.labels).map(([key, value]) => [key, composeText(value)] as const);
  return labels.length === 0 ? { ...service } : { ...service, labels: Object.fromEntries(labels) };
}

/**
 * `service` with our labels: whose it is, and a digest over the service alone. What it waits for is not of it: where the
 * sidecars run changes nothing in the agent.
 */
function labelled(plan: BottlePlan, service: ComposeService): ComposeService {
  const own = { ...service, depends_on: undefined };
  const digest = createHash('sha256').update(JSON.stringify(own)).digest('hex');
  const { labels: declared = {}, ...rest } = service;
  return { ...rest, labels: { ...(declared as object), ...ownerLabels(plan), [LABEL.digest]: digest } };
}

/** The services as the plan's properties say, without our labels. */
function declaredServices(plan: BottlePlan): Services {
  const sidecars = sidecarContainers(plan).map(
    (sidecar) => [sidecar.service, withDeclaredLabels(plan, sidecarService(plan, sidecar))] as const,
  );
  return { ...Object.fromEntries(sidecars), [AGENT_SERVICE]: withDeclaredLabels(plan, agentService(plan)) };
}

function document(plan: BottlePlan, services: Services): ComposeDocument {
  return {
    name: projectName(plan.slug),
    services: Object.fromEntries(Object.entries(services).map(([name, service]) => [name, labelled(plan, service)])),
    networks: networks(plan),
    volumes: Object.fromEntries(volumeNames(plan).map((name) => [name, { labels: ownerLabels(plan) }])),
  };
}

/** The document as plain data, with and without the overrides, and what they did. */
export function composeDocuments(plan: BottlePlan): RenderedDocument {
  const services = declaredServices(plan);
  const plain = document(plan, services);
  if (plan.agent.overrides.length + plan.sidecars.overrides.length === 0) return { compose: plain, plain, effects: [] };
  const changed = Object.entries(services).map(([name, service]) => {
    const { overrides } = name === AGENT_SERVICE ? plan.agent : plan.sidecars;
    return [name, overridden(name, service, overrides)] as const;
  });
  const after = Object.fromEntries(changed.map(([name, { service }]) => [name, service]));
  return { compose: document(plan, after), plain, effects: changed.flatMap(([, { effects }]) => effects) };
}
