/** What synth finds in a definition, all stages of it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SynthError } from 'claude-bottle';
import { type Found, SYNTH_ENV } from '../../../../lib/assembly/index.ts';
import type { Finding } from '../../../../lib/plan/index.ts';
import { runDefinition } from './definition-text.ts';

/** Runs `body` with only those of our variables in the environment that are given. */
function withEnvironment<T>(given: Readonly<Record<string, string>>, body: () => T): T {
  const ours = Object.entries(process.env).filter(([name]) => name.startsWith('CLAUDE_BOTTLE_'));
  for (const [name] of ours) delete process.env[name];
  Object.assign(process.env, given);
  try {
    return body();
  } finally {
    for (const name of Object.keys(given)) delete process.env[name];
    Object.assign(process.env, Object.fromEntries(ours));
  }
}

/** Runs a definition, into a directory that is gone afterwards. */
export function findingsOfDefinition(definition: string): readonly Finding[] {
  const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-example-'));
  const reported = join(scratch, 'findings.json');
  const environment = { [SYNTH_ENV.outdir]: join(scratch, 'dist'), [SYNTH_ENV.findings]: reported };
  try {
    withEnvironment(environment, () => runDefinition(definition));
    return (JSON.parse(readFileSync(reported, 'utf8')) as Found).findings;
  } catch (error) {
    if (error instanceof SynthError) return error.findings;
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
