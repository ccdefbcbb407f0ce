/** `bottle deploy`: synth, then bring up. */

import { resolve } from 'node:path';
import { type DeployedBottle, deploy as deployBottles } from '../deploy/index.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import { createProgress } from './progress.ts';
import type { Project } from './project.ts';
import { selectedSlugs } from './select.ts';
import { synthWithWarnings } from './synth.ts';

export interface DeployVerbOptions {
  readonly dryRun: boolean;
  readonly keepFailed: boolean;
  readonly reset: boolean;
}

function bottleText(bottle: DeployedBottle): string {
  const { slug, outcome, dryRun, changes, container, scanner, seconds } = bottle;
  if (outcome === 'unchanged') return `${slug}: nothing to do, it runs as defined`;
  const what = dryRun ? `would be ${outcome}` : `${outcome} in ${seconds.toFixed(1)} s`;
  const lines = [`${slug}: ${what}`, ...changes.map((change) => `  ${change}`)];
  if (!dryRun) lines.push(`  pipelock's slot: ${scanner}`, `  enter with: docker exec -it ${container} bash`);
  return lines.join('\n');
}

export async function deploy(
  project: Project,
  wanted: readonly string[],
  messages: Messages,
  options: DeployVerbOptions,
): Promise<void> {
  const progress = createProgress(messages);
  const assembly = await progress.step('synth', () => synthWithWarnings(project, messages, { strict: false }));
  const slugs = selectedSlugs(assembly.manifest, wanted);
  const scanner = project.context['scanner'];
  const { bottles } = await interruption((signal) =>
    deployBottles({
      ...options,
      assemblyDir: resolve(assembly.outdir),
      slugs,
      projectDir: project.directory,
      env: process.env,
      ...(scanner === undefined ? {} : { contextScanner: String(scanner) }),
      progress,
      signal,
    }),
  );
  messages.result({ bottles }, bottles.map(bottleText).join('\n'));
}
