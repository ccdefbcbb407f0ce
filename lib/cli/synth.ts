/** `bottle synth`: run the definition, write the assembly, show what it is. */

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Assembly, countsText, REPORT_FILE, SynthError, selectBottles } from '../assembly/written.ts';
import { BottleError, reasonOf } from '../errors.ts';
import { BOTTLE_FILE } from '../plan/bottle-files.ts';
import { annotationFormat, githubAnnotations } from './annotations.ts';
import type { Messages } from './messages.ts';
import type { Project } from './project.ts';
import type { ReportFile } from './report-file.ts';
import { runDefinition } from './run-definition.ts';
import { fromSourceRoot, sourceRoot } from './source-root.ts';

/** How the findings of a synth are told, whatever verb needs it. */
export interface FindingOptions {
  /** Warnings that nobody acknowledged count as errors. */
  readonly strict?: boolean;
  /** File that receives the findings, whether synth succeeds or not. */
  readonly report?: string;
  /** `--annotations`. */
  readonly annotations?: string;
}

export interface SynthOptions extends FindingOptions {
  readonly target: string;
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

/** Shows what no error is: warnings one by one, and how many are acknowledged. */
function showWarnings({ findings, report: { summary } }: Assembly, messages: Messages): void {
  messages.findings(findings);
  if (summary.warnings === 0) return;
  const where = summary.acknowledged === 0 ? '' : `; ${REPORT_FILE} has the reasons`;
  const text = `${countsText(summary)}${where}`;
  if (summary.warnings > summary.acknowledged) messages.note(`\n${text}`);
  else messages.info(text);
}

/** Only who asks for a report loads what writes it. */
async function reportTo(file: string, project: Project): Promise<ReportFile> {
  const { reportFile } = await import('./report-file.ts');
  return reportFile(file, project);
}

/** A report that cannot be written does not hide why synth failed. */
async function orWarned(work: Promise<void> | undefined, messages: Messages): Promise<void> {
  await work?.catch((error: unknown) => messages.warn(reasonOf(error)));
}

/**
 * Runs the definition and tells its findings: on stderr, as annotations, and to the report, which is there also if this
 * throws. A report that cannot be written is an error, before the definition runs if that can be known.
 */
export async function synthWithWarnings(
  project: Project,
  messages: Messages,
  options: FindingOptions,
): Promise<Assembly> {
  const format = annotationFormat(options.annotations, process.env);
  const report = options.report === undefined ? undefined : await reportTo(options.report, project);
  const annotate = ({ findings, report: { summary } }: Pick<Assembly, 'findings' | 'report'>): void => {
    if (format === 'none') return;
    const way = fromSourceRoot(sourceRoot(project.directory), project.directory) ?? '';
    messages.commands(githubAnnotations(findings, summary, way === '' ? '' : `${way}/`));
  };
  const assembly = await runDefinition(project, {
    strict: options.strict === true,
    onOutput: messages.relay,
  }).catch(async (error: unknown) => {
    if (error instanceof SynthError) annotate(error);
    const reason = reasonOf(error);
    const saved = error instanceof SynthError ? report?.save(error.report) : report?.saveFailure(reason);
    await orWarned(saved, messages);
    throw error;
  });
  showWarnings(assembly, messages);
  annotate(assembly);
  await report?.save(assembly.report);
  return assembly;
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
  const { outdir, manifest, findings, report } = assembly;
  const [only] = wanted.length === 1 ? slugs : [];
  const text =
    only === undefined ? listing(assembly, slugs) : readFileSync(join(outdir, only, BOTTLE_FILE.compose), 'utf8');
  const bottles = Object.fromEntries(slugs.map((slug) => [slug, manifest.bottles[slug]]));
  const show = only === undefined ? messages.result : messages.document;
  show({ outdir, bottles, findings, summary: report.summary }, text);
}
