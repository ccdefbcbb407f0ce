/** Runs a project's definition, which writes the assembly itself (`app.synth()`). */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type Assembly,
  countsText,
  type Found,
  isAccepted,
  readManifest,
  SYNTH_ENV,
  SynthError,
  validationReport,
} from '../assembly/written.ts';
import { BottleError } from '../errors.ts';
import { withoutCredentials } from '../plan/secrets.ts';
import { interruption } from './interruption.ts';
import type { Messages } from './messages.ts';
import type { Project } from './project.ts';
import { type ShellOutcome, shellCommand } from './shell-command.ts';

function statusText({ exitCode, signal }: ShellOutcome): string {
  if (exitCode !== undefined) return `ended with exit code ${exitCode}`;
  return signal === undefined ? 'could not be started' : `was ended by ${signal}`;
}

/** `synthesized`: its app was judged before it failed, and perhaps written. */
function definitionFailed(project: Project, outcome: ShellOutcome, synthesized: boolean): BottleError {
  const what = `the definition ${statusText(outcome)}`;
  const written = synthesized ? 'it failed in or after app.synth(), which may have written' : 'nothing was written';
  if (outcome.stderr.trim() === '') {
    return new BottleError('synth/definition-failed', `${what} and printed nothing on stderr: ${project.app}`, {
      fix: `run that command by itself to see why; ${written}`,
    });
  }
  return new BottleError('synth/definition-failed', `${what}: ${project.app}`, {
    details: withoutCredentials(outcome.stderr.trimEnd()).split('\n'),
    fix: `mend the definition by what it printed above; ${written}`,
  });
}

/** Node's report of a SynthError that nobody caught, always the last that a process prints: we show the findings. */
const UNCAUGHT_SYNTH_ERROR =
  /(?:^|\n)[^\n]+:\d+\n[^\n]*\n[ \t]*\^+[ \t]*\n{1,3}[ \t]*(?:Uncaught:?\s*)?\[?SynthError\b[\s\S]*$/;

/** What the definition's synth left for us: the same package wrote it, unless the definition did itself. */
function readFound(file: string): Found | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof parsed === 'object' && parsed !== null && 'findings' in parsed && Array.isArray(parsed.findings)) {
      return parsed as Found;
    }
  } catch {
    // Told below.
  }
  throw new BottleError('synth/foreign-findings', 'the definition left no findings that this version reads', {
    fix: 'let the definition and the command line use one version of claude-bottle',
  });
}

export interface RunOptions {
  readonly strict?: boolean;
  /** What the definition prints, by and by on stdout, at its end on stderr. */
  readonly onOutput: (text: string) => void;
}

/**
 * Runs the definition with the project as working directory. Throws a SynthError with its findings, or a BottleError if
 * it threw, could not be started, or never called `app.synth()`.
 */
export async function runDefinition(project: Project, options: RunOptions): Promise<Assembly> {
  const outdir = resolve(project.directory, project.output);
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-synth-'));
  const findingsFile = join(scratch, 'findings.json');
  try {
    const outcome = await interruption((signal) =>
      shellCommand(project.app, {
        cwd: project.directory,
        signal,
        onLine: options.onOutput,
        env: {
          [SYNTH_ENV.outdir]: outdir,
          [SYNTH_ENV.context]: JSON.stringify(project.context),
          [SYNTH_ENV.findings]: findingsFile,
          [SYNTH_ENV.strict]: options.strict === true ? '1' : '0',
        },
      }),
    );
    const found = readFound(findingsFile);
    const report = found === undefined ? undefined : validationReport(found);
    if (found !== undefined && report !== undefined && !isAccepted(report.summary, options.strict === true)) {
      options.onOutput(outcome.stderr.replace(UNCAUGHT_SYNTH_ERROR, ''));
      throw new SynthError(found);
    }
    if (outcome.exitCode !== 0) throw definitionFailed(project, outcome, found !== undefined);
    options.onOutput(outcome.stderr);
    const manifest = readManifest(outdir);
    if (found === undefined || report === undefined || manifest === undefined) {
      throw new BottleError('synth/never-called', `the definition never called app.synth(): ${project.app}`, {
        fix: 'end the definition with app.synth()',
      });
    }
    return { outdir, manifest, findings: found.findings, report };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** For verbs that show something else than findings: an app with errors is refused in full, its warnings are counted. */
export async function definedAssembly(project: Project, messages: Messages): Promise<Assembly> {
  const assembly = await runDefinition(project, { onOutput: messages.relay });
  const { summary } = assembly.report;
  if (summary.warnings > summary.acknowledged) messages.info(`${countsText(summary)}; bottle synth shows them`);
  return assembly;
}
