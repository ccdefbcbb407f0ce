/** Every file of one bottle. */

import type { BottlePlan } from '../plan/index.ts';
import { renderAgentFiles } from './agent/index.ts';
import { renderCompose } from './compose/index.ts';
import { renderRoutes } from './egress.ts';
import { renderGitGate } from './git-gate.ts';
import { renderPipelock } from './pipelock.ts';
import { renderSupervise } from './supervise.ts';

const below = (directory: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));

const ifAny = (path: string, text: string | undefined): Record<string, string> =>
  text === undefined ? {} : { [path]: text };

/** File texts by path relative to `<outdir>/<slug>/`. */
export function renderBottle(plan: BottlePlan): Readonly<Record<string, string>> {
  return {
    'compose.yaml': renderCompose(plan),
    'pipelock/pipelock.yaml': renderPipelock(plan),
    ...ifAny('egress/routes.yaml', renderRoutes(plan)),
    ...below('git-gate', renderGitGate(plan)),
    ...ifAny('supervise/supervise.json', renderSupervise(plan)),
    ...below('agent', renderAgentFiles(plan)),
  };
}
