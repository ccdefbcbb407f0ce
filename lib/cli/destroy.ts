/** `bottle destroy`: take down. It needs neither the definition nor its output, only what was deployed. */

import { projectName, UNNAMED } from '../../constructs/project-name.ts';
import { type DestroyedBottle, destroy as destroyBottles } from '../deploy/index.ts';
import { terminalConfirm } from './confirm.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import { createProgress } from './progress.ts';

export interface DestroyVerbOptions {
  readonly dryRun: boolean;
  readonly volumes: boolean;
  readonly yes: boolean;
}

function bottleText({ slug, outcome, dryRun, removed, keptVolumes, logs }: DestroyedBottle): string {
  if (outcome === 'absent') return `${slug}: nothing of it runs`;
  if (outcome === 'declined') return `${slug}: left as it is`;
  const lines = [`${slug}: ${dryRun ? 'would be destroyed' : 'destroyed'}`];
  for (const [kind, names] of Object.entries(removed)) {
    if (names.length > 0) lines.push(`  ${kind}: ${names.join(', ')}`);
  }
  if (keptVolumes.length > 0) lines.push(`  data volumes kept: ${keptVolumes.join(', ')}; --volumes removes them too`);
  if (logs.length > 0) lines.push(`  logs saved: ${logs.join(', ')}`);
  return lines.join('\n');
}

export async function destroy(
  directory: string,
  slugs: readonly string[],
  messages: Messages,
  options: DestroyVerbOptions,
): Promise<void> {
  const confirm = terminalConfirm();
  const app = projectName(directory);
  const { bottles } = await interruption((signal) =>
    destroyBottles({
      ...options,
      slugs,
      app,
      ...(app === UNNAMED ? { unnamedProject: directory } : {}),
      env: process.env,
      ...(confirm === undefined ? {} : { confirm }),
      progress: createProgress(messages),
      signal,
    }),
  );
  const text = bottles.length === 0 ? 'no bottle of this app is deployed' : bottles.map(bottleText).join('\n');
  messages.result({ bottles }, text);
}
