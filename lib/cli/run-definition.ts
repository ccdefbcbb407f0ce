/** Runs a project's definition, which writes the assembly itself (`app.synth()`). */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { type Assembly, readManifest, SYNTH_ENV, SynthError } from '../assembly/index.ts';
import { BottleError } from '../errors.ts';
import type { Finding } from '../plan/index.ts';
import type { Project } from './project.ts';

function definitionFailed(project: Project, outcome: { exitCode?: number; stderr: string }): BottleError {
  const status = outcome.exitCode === undefined ? 'could not be started' : `ended with exit code ${outcome.exitCode}`;
  const what = `the definition ${status}`;
  if (outcome.stderr.trim() === '') {
    return new BottleError('synth/definition-failed', `${what} and printed nothing on stderr: ${project.app}`, {
      fix: 'run that command by itself to see why; nothing was written',
    });
  }
  return new BottleError('synth/definition-failed', `${what}: ${project.app}`, {
    details: outcome.stderr.trimEnd().split('\n'),
    fix: 'mend the definition by what it printed above; nothing was written',
  });
}

/** Node's report of a SynthError that nobody caught, always the last that a process prints: we show the findings. */
const UNCAUGHT_SYNTH_ERROR = /(?:^|\n)[^\n]+:\d+\n[^\n]*\n\s*\^+\s*\n\s*(?:Uncaught:?\s*)?\[?SynthError\b[\s\S]*$/;

function readFindings(file: string): readonly Finding[] | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Finding[]) : undefined;
}

/**
 * Runs the definition with the project as working directory. What it prints on stdout goes to stderr. Throws a
 * SynthError with its findings (its stderr went to `onStderr` before), or a BottleError if it threw, could not be started, or never called `app.synth()`.
 */
export async function runDefinition(
  project: Project,
  options: { readonly strict?: boolean; readonly onStderr: (text: string) => void },
): Promise<Assembly> {
  const outdir = resolve(project.directory, project.output);
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-synth-'));
  const findingsFile = join(scratch, 'findings.json');
  try {
    const outcome = await execa(project.app, {
      shell: true,
      cwd: project.directory,
      reject: false,
      stdin: 'ignore',
      stdout: process.stderr,
      env: {
        [SYNTH_ENV.outdir]: outdir,
        [SYNTH_ENV.context]: JSON.stringify(project.context),
        [SYNTH_ENV.findings]: findingsFile,
        [SYNTH_ENV.strict]: options.strict === true ? '1' : '0',
      },
    });
    const findings = readFindings(findingsFile);
    const refused = findings?.some(({ severity }) => options.strict === true || severity === 'error') ?? false;
    if (findings !== undefined && refused) {
      options.onStderr(outcome.stderr.replace(UNCAUGHT_SYNTH_ERROR, ''));
      throw new SynthError(findings);
    }
    if (outcome.failed) throw definitionFailed(project, outcome);
    options.onStderr(outcome.stderr);
    const manifest = readManifest(outdir);
    if (findings === undefined || manifest === undefined) {
      throw new BottleError('synth/never-called', `the definition never called app.synth(): ${project.app}`, {
        fix: 'end the definition with app.synth()',
      });
    }
    return { outdir, manifest, findings };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
