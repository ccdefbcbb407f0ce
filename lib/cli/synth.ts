/** `bottle synth`: run the definition, write the assembly, show what it is. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Assembly, findingBody, SynthError, selectBottles } from '../assembly/index.ts';
import { BottleError } from '../errors.ts';
import type { Finding } from '../plan/index.ts';
import type { Messages } from './messages.ts';
import type { Project } from './project.ts';
import { runDefinition } from './run-definition.ts';

export interface SynthOptions {
  readonly strict: boolean;
  /** File that receives the findings as JSON, whether synth succeeds or not. */
  readonly report?: string;
  readonly target: string;
}

function saveReport(file: string | undefined, findings: readonly Finding[]): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, `${JSON.stringify({ version: 1, findings }, null, 2)}\n`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BottleError('synth/report-not-writable', `the report ${file} cannot be written: ${reason}`, {
      fix: 'name a file in a directory that you may write',
      cause,
    });
  }
}

function listing(assembly: Assembly, slugs: readonly string[]): string {
  const here = relative(process.cwd(), assembly.outdir) || '.';
  return slugs
    .map((slug) => {
      const files = Object.keys(assembly.manifest.bottles[slug]?.files ?? {});
      return [slug, ...files.map((file) => `  ${join(here, slug, file)}`)].join('\n');
    })
    .join('\n');
}

/** Runs the definition and shows its warnings on stderr; a SynthError is reported to `report` before it is thrown. */
export async function synthWithWarnings(
  project: Project,
  messages: Messages,
  options: Pick<SynthOptions, 'strict' | 'report'>,
): Promise<Assembly> {
  try {
    const assembly = await runDefinition(project, { strict: options.strict, onStderr: messages.relay });
    saveReport(options.report, assembly.findings);
    for (const finding of assembly.findings) messages.warn(findingBody(finding));
    return assembly;
  } catch (error) {
    if (error instanceof SynthError) saveReport(options.report, error.findings);
    throw error;
  }
}

/** One bottle named: its compose file is the result. Otherwise the list of what was written. */
export async function synth(
  project: Project,
  wanted: readonly string[],
  messages: Messages,
  options: SynthOptions,
): Promise<void> {
  if (options.target !== 'compose') {
    throw new BottleError('usage/target', `--target ${options.target} is not in this version; allowed: compose`, {
      fix: 'leave --target out',
      exitCode: 2,
    });
  }
  const assembly = await synthWithWarnings(project, messages, options);
  const slugs = selectBottles(assembly.manifest, wanted);
  const { outdir, manifest, findings } = assembly;
  const [only] = wanted.length === 1 ? slugs : [];
  const text = only === undefined ? listing(assembly, slugs) : readFileSync(join(outdir, only, 'compose.yaml'), 'utf8');
  const bottles = Object.fromEntries(slugs.map((slug) => [slug, manifest.bottles[slug]]));
  const show = only === undefined ? messages.result : messages.document;
  show({ outdir, bottles, findings }, text);
}
