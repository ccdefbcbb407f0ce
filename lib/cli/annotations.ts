/** Findings as GitHub's workflow commands, which it shows at the lines of the definition. */

import { countsText } from '../assembly/finding-text.ts';
import type { ReportSummary } from '../assembly/index.ts';
import { BottleError } from '../errors.ts';
import { type Finding, type Severity, shortLine } from '../plan/index.ts';

export type AnnotationFormat = 'github' | 'none';

/** GitHub shows ten of either severity a step; the log has the rest in any case. */
const MOST = 50;

/** What `--annotations` asks for; without it, GitHub's where its runner says that it reads. */
export function annotationFormat(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): AnnotationFormat {
  if (option === undefined) return env['GITHUB_ACTIONS'] === 'true' ? 'github' : 'none';
  if (option === 'github' || option === 'none') return option;
  throw new BottleError('usage/annotations', `--annotations ${option}: not known; allowed: github, none`, {
    fix: 'elsewhere give --report FILE: JSON, or SARIF for a name that ends in .sarif; docs/reference/findings.md has recipes',
    exitCode: 2,
  });
}

/** GitHub's own escapes, of a command's text and of its properties (actions/toolkit, command.ts). */
const dataOf = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const propertyOf = (text: string): string => dataOf(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

function command(
  { rule, severity, path, message, fix, location, artifact, pointer = '' }: Finding,
  base: string,
): string {
  const place =
    location === undefined ? [] : [`file=${propertyOf(shortLine(`${base}${location.file}`))}`, `line=${location.line}`];
  const properties = [...place, `title=${propertyOf(shortLine(rule))}`].join(',');
  const shown = artifact === undefined ? '' : `\nin ${shortLine(artifact)} ${shortLine(pointer)}`;
  const text = `${path === '' ? 'the app' : shortLine(path)}: ${shortLine(message)}${shown}\nfix: ${shortLine(fix)}`;
  return `::${severity} ${properties}::${dataOf(text)}`;
}

/**
 * One line a finding that nobody acknowledged, and a notice with the figures. `base` leads from the root of the repository
 * to the project: '' or a path with a slash at its end.
 */
export function githubAnnotations(
  findings: readonly Finding[],
  summary: ReportSummary,
  base: string,
): readonly string[] {
  const open = findings.filter(({ acknowledged }) => acknowledged === undefined);
  const most = (wanted: Severity): readonly Finding[] =>
    open.filter(({ severity }) => severity === wanted).slice(0, MOST);
  const commands = [...most('error'), ...most('warning')].map((finding) => command(finding, base));
  return open.length === 0 ? [] : [...commands, `::notice title=bottle synth::${dataOf(countsText(summary))}`];
}
