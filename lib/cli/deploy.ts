/** `bottle deploy`: synth, then bring up. */

import { resolve } from 'node:path';
import { selectBottles } from '../assembly/index.ts';
import { type DeployedBottle, deploy as deployBottles } from '../deploy/index.ts';
import { createDocker, type WorkspaceReport, workspaceReport } from '../operate/index.ts';
import { quoted, WORKSPACE_DIR } from '../plan/index.ts';
import { answerSources } from './answer-flags.ts';
import { terminalAsk } from './ask.ts';
import { changeLines } from './diff-text.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import { createProgress } from './progress.ts';
import type { Project } from './project.ts';
import type { Piece } from './styled.ts';
import { synthWithWarnings } from './synth.ts';

export interface DeployVerbOptions {
  readonly dryRun: boolean;
  readonly keepFailed: boolean;
  readonly reset: boolean;
  readonly answer: readonly string[];
  readonly askAgain: boolean;
  /** `--annotations`. */
  readonly annotations?: string;
}

/** Seconds that a deploy waits for a clone; a longer one goes on in the background. */
const CLONE_SECONDS = 15;

type Deployed = DeployedBottle & { readonly workspace?: WorkspaceReport & { readonly name: string } };

function workspaceText({ workspace }: Deployed): readonly string[] {
  if (workspace === undefined) return [];
  const { name, state, detail } = workspace;
  const words = {
    ready: `in ${WORKSPACE_DIR}/${name}`,
    cloning: 'still being cloned',
    copying: 'still being copied',
    failed: `not there, tried again at the agent's next start: ${detail}`,
    unwritable: `not writable: ${detail}; give the agent that \`user\`, or let its uid write there (setfacl)`,
    unknown: 'not reported by the agent',
  };
  return [`  workspace ${name}: ${words[state]}`];
}

function bottleText(bottle: Deployed): readonly (string | Piece)[] {
  const { slug, outcome, dryRun, changes, scanner, seconds } = bottle;
  const grants = bottle.grants.map((line) => `  ${line}`);
  const asked = bottle.asked.map(
    ({ owner, name, question }) =>
      `  ${dryRun ? 'would ask' : 'asked'} for ${owner} variable ${name}: ${quoted(question)}`,
  );
  if (outcome === 'unchanged')
    return [[`${slug}: nothing to do, it runs as defined`, ...asked, ...grants, ...workspaceText(bottle)].join('\n')];
  const what = dryRun ? `would be ${outcome}` : `${outcome} in ${seconds.toFixed(1)} s`;
  // That it is new says the outcome already.
  const meaning = changeLines((bottle.meaning ?? []).filter(({ kind }) => kind !== 'bottle'));
  const lines = [...changes.map((change) => `  ${change}`), ...asked, ...grants];
  if (!dryRun) {
    const enter = `  enter with: bottle enter ${slug}`;
    lines.push(...workspaceText(bottle), `  pipelock's slot: ${scanner}`, enter);
  }
  return [`${slug}: ${what}`, ...meaning.flatMap(([shown]) => ['\n', shown]), ...lines.flatMap((one) => ['\n', one])];
}

export async function deploy(
  project: Project,
  wanted: readonly string[],
  messages: Messages,
  { answer, annotations, ...options }: DeployVerbOptions,
): Promise<void> {
  const answers = answerSources(answer);
  const progress = createProgress(messages);
  const told = annotations === undefined ? {} : { annotations };
  const assembly = await progress.step('synth', () => synthWithWarnings(project, messages, told));
  const slugs = selectBottles(assembly.manifest, wanted);
  const scanner = project.context['scanner'];
  const ask = terminalAsk();
  const { bottles } = await interruption((signal) =>
    deployBottles({
      ...options,
      assemblyDir: resolve(assembly.outdir),
      slugs,
      projectDir: project.directory,
      env: process.env,
      ...(scanner === undefined ? {} : { contextScanner: String(scanner) }),
      answers,
      ...(ask === undefined ? {} : { ask }),
      progress,
      signal,
    }),
  );
  const docker = createDocker({ env: process.env });
  const reported = await Promise.all(
    bottles.map(async (bottle): Promise<Deployed> => {
      const name = assembly.manifest.bottles[bottle.slug]?.requires.workspace?.name;
      if (name === undefined || options.dryRun) return bottle;
      return { ...bottle, workspace: { name, ...(await workspaceReport(docker, bottle.container, CLONE_SECONDS)) } };
    }),
  );
  messages.result(
    { bottles: reported },
    reported.flatMap((one, index) => [...(index === 0 ? [] : ['\n']), ...bottleText(one)]),
  );
}
