/** Every file of one bottle. */

import type { BottlePlan, RenderedBottle } from '../plan/index.ts';
import { renderAgentFiles } from './agent/index.ts';
import { composeDocuments } from './compose/index.ts';
import { renderRoutes } from './egress.ts';
import { renderGitGate } from './git-gate.ts';
import { renderPipelock } from './pipelock.ts';
import { renderSupervise } from './supervise.ts';
import { yamlText } from './yaml.ts';

const below = (directory: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));

const ifAny = (path: string, text: string | undefined): Record<string, string> =>
  text === undefined ? {} : { [path]: text };

/** Everything that `plan` becomes. */
export function renderedBottle(plan: BottlePlan): RenderedBottle {
  const { compose, plain, effects } = composeDocuments(plan);
  return { plan, compose, plain, effects, files: { 'compose.yaml': yamlText(compose), ...configFiles(plan) } };
}

/** File texts by path relative to `<outdir>/<slug>/`. */
export const renderBottle = (plan: BottlePlan): RenderedBottle['files'] => renderedBottle(plan).files;

function configFiles(plan: BottlePlan): Readonly<Record<string, string>> {
  return {
    'pipelock/pipelock.yaml': renderPipelock(plan),
    ...ifAny('egress/routes.yaml', renderRoutes(plan)),
    ...below('git-gate', renderGitGate(plan)),
    ...ifAny('supervise/supervise.json', renderSupervise(plan)),
    ...below('agent', renderAgentFiles(plan)),
  };
}
