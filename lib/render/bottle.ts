/** Every file of one bottle. */

import { BOTTLE_FILE, type BottlePlan, type RenderedBottle } from '../plan/index.ts';
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
  return { plan, compose, plain, effects, files: { [BOTTLE_FILE.compose]: yamlText(compose), ...configFiles(plan) } };
}

/** File texts by path relative to `<outdir>/<slug>/`. */
export const renderBottle = (plan: BottlePlan): RenderedBottle['files'] => renderedBottle(plan).files;

function configFiles(plan: BottlePlan): Readonly<Record<string, string>> {
  return {
    [BOTTLE_FILE.pipelock]: renderPipelock(plan),
    ...ifAny(BOTTLE_FILE.routes, renderRoutes(plan)),
    ...below('git-gate', renderGitGate(plan)),
    ...ifAny(BOTTLE_FILE.supervise, renderSupervise(plan)),
    ...below('agent', renderAgentFiles(plan)),
  };
}
