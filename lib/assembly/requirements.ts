/** What a bottle needs from the host that deploys it. */

import {
  type BottlePlan,
  type EnvPlan,
  PROTECTED_PATTERNS,
  tokenSlotName,
  type WorkspacePlan,
  workspaceDirectory,
  workspaceName,
} from '../plan/index.ts';
import type { DeployRequirements, WorkspaceNeed } from './manifest.ts';

interface Need {
  readonly name: string;
  readonly neededBy: string;
}

const variableNeeds = (env: readonly EnvPlan[], whose: string): Need[] =>
  env.flatMap((variable) =>
    variable.kind === 'host' ? [{ name: variable.from, neededBy: `${whose} variable ${variable.name}` }] : [],
  );

function hostVariables(plan: BottlePlan): DeployRequirements['hostVariables'] {
  const routes = plan.sidecars.egress?.routes ?? [];
  const needs: readonly Need[] = [
    ...routes.flatMap(({ host, auth }) => (auth === undefined ? [] : [{ name: auth.from, neededBy: `route ${host}` }])),
    ...variableNeeds(plan.agent.env, 'agent'),
    ...variableNeeds(plan.sidecars.env, 'sidecars'),
  ];
  const names = [...new Set(needs.map(({ name }) => name))];
  return names.map((name) => ({
    name,
    neededBy: needs.filter((need) => need.name === name).map(({ neededBy }) => neededBy),
  }));
}

const answers = (plan: BottlePlan): DeployRequirements['answers'] =>
  (['agent', 'sidecars'] as const).flatMap((owner) =>
    plan[owner].env.flatMap((variable) =>
      variable.kind === 'ask' ? [{ owner, name: variable.name, question: variable.question }] : [],
    ),
  );

function bindMounts(plan: BottlePlan): DeployRequirements['bindMounts'] {
  const { workspace } = plan.agent;
  const declared = (['agent', 'sidecars'] as const).flatMap((service) =>
    plan[service].mounts.flatMap((mount) =>
      mount.kind === 'bind' ? [{ service, source: mount.source, target: mount.target }] : [],
    ),
  );
  if (workspace?.kind !== 'bind') return declared;
  return [{ service: 'agent', source: workspace.hostPath, target: workspaceDirectory(workspace) }, ...declared];
}

function workspaceNeed(workspace: WorkspacePlan): WorkspaceNeed {
  const name = workspaceName(workspace);
  if (workspace.kind === 'clone') return { kind: 'clone', name };
  const { kind, hostPath: source } = workspace;
  if (kind === 'copy') return { kind, name, source };
  const { readOnly } = workspace;
  return { kind, name, source, readOnly, protects: readOnly ? [] : PROTECTED_PATTERNS };
}

export function deployRequirements(plan: BottlePlan): DeployRequirements {
  const { sidecars } = plan;
  return {
    images: { agent: plan.agent.image, sidecars: sidecars.image },
    scanner: sidecars.pipelock.engine ?? null,
    hostVariables: hostVariables(plan),
    answers: answers(plan),
    skills: plan.agent.skills,
    tokens: (sidecars.egress?.tokens ?? []).map((from, slot) => ({ slot: tokenSlotName(slot), from })),
    identityFiles: (sidecars.gitGate?.remotes ?? []).map(({ name, identityFile }) => ({
      remote: name,
      path: identityFile,
    })),
    trustedCAs: sidecars.trustedCAs,
    bindMounts: bindMounts(plan),
    externalNetwork: sidecars.egressNetwork.kind === 'external' ? sidecars.egressNetwork.name : null,
    ...(plan.agent.workspace === undefined ? {} : { workspace: workspaceNeed(plan.agent.workspace) }),
    agentTrusts: sidecars.egress === undefined ? 'pipelock-ca' : 'egress-ca',
  };
}
