/** One run of gitleaks over bytes, with our configuration and nobody else's. */

import * as z from 'zod/mini';
import { run } from '../program.ts';

/** Where the image keeps what git-gate reads: nothing in it can change while it runs. */
const SHARE = '/opt/claude-bottle/git-gate';

/** The exit code that says "found something": 1 is also what gitleaks exits with when it fails. */
const FOUND = 77;

export class ScanError extends Error {
  override readonly name = 'ScanError';
}

export interface RawFinding {
  readonly rule: string;
  readonly startLine: number;
  readonly endLine: number;
}

const Report = z.array(z.object({ RuleID: z.string(), StartLine: z.int(), EndLine: z.int() }));

/** What `report`, gitleaks' JSON, names; values are never looked at. */
export function parseReport(report: string): RawFinding[] {
  let value: unknown;
  try {
    value = JSON.parse(report);
  } catch {
    throw new ScanError('the report of gitleaks cannot be read');
  }
  const { data, error } = Report.safeParse(value);
  if (error !== undefined) throw new ScanError('the report of gitleaks has an unknown form');
  return data.map(({ RuleID, StartLine, EndLine }) => ({ rule: RuleID, startLine: StartLine, endLine: EndLine }));
}

const ARGUMENTS = [
  'stdin',
  '--no-banner',
  '--no-color',
  '--redact=100',
  '--log-level=error',
  '--ignore-gitleaks-allow',
  '--max-decode-depth=5',
  `--config=${SHARE}/gitleaks.toml`,
  // It also looks for `.gitleaksignore` where it runs: in SHARE, which has none.
  '--gitleaks-ignore-path=/dev/null',
  '--report-format=json',
  '--report-path=-',
  `--exit-code=${FOUND}`,
];

/** What gitleaks finds in `input`, which holds a canary. Throws a {@link ScanError} unless it ran and found something. */
export async function gitleaksFindings(input: Buffer, timeoutMs: number): Promise<RawFinding[]> {
  const { code, stdout, problem } = await run('gitleaks', ARGUMENTS, {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LC_ALL: 'C' },
    cwd: SHARE,
    input,
    timeoutMs,
    maxOutput: 64 * 1024 * 1024,
  });
  if (problem !== undefined) throw new ScanError(`gitleaks: ${problem}`);
  if (code === 0) throw new ScanError('gitleaks did not find the canary');
  if (code !== FOUND) throw new ScanError(`gitleaks failed with exit code ${code}`);
  return parseReport(stdout.toString('utf8'));
}
