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
  return new BottleError('synth/definition-failed', `the definition ${status}: ${project.app}`, {
    details: outcome.stderr.trimEnd().split('\n'),
    fix: 'mend the definition at the line of the stack above; nothing was written',
  });
}

function readFindings(file: string): readonly Finding[] | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Finding[]) : undefined;
}

/**
 * Runs the definition with the project as working directory. What it prints on stdout goes to stderr. Throws a
 * SynthError with its findings, or a BottleError if it threw, could not be started, or never called `app.synth()`.
 */
export async function runDefinition(project: Project, options: { strict?: boolean } = {}): Promise<Assembly> {
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
    if (findings !== undefined && refused) throw new SynthError(findings);
    if (outcome.failed) throw definitionFailed(project, outcome);
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
