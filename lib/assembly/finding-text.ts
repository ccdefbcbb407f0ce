/** Findings as a person reads them: harmless lines, however hostile the definition. */

import { type Finding, type Severity, shortLine } from '../plan/index.ts';
import { isAccepted, type ReportSummary, summaryOf } from './validation-report.ts';

/** More findings are grouped by construct; of more than the second figure only the first are shown. */
const GROUPED_FROM = 21;
const MOST_SHOWN = 200;

const lineOf = ({ location }: Finding): string =>
  location === undefined ? '' : `${shortLine(location.file)}:${location.line}`;

const artifactLines = ({ artifact, pointer = '' }: Finding): readonly string[] =>
  artifact === undefined ? [] : [`in ${shortLine(artifact)}${pointer === '' ? '' : `, ${shortLine(pointer)}`}`];

const nameOf = (path: string): string => (path === '' ? 'the app' : shortLine(path));

/** One line of a text, and what of it may be coloured. */
export interface FindingLine {
  readonly severity?: Severity;
  readonly indent: string;
  readonly text: string;
}

const details = (finding: Finding): readonly string[] => [
  ...artifactLines(finding),
  shortLine(finding.message),
  `fix: ${shortLine(finding.fix)}`,
];

function ownBlock(finding: Finding): readonly FindingLine[] {
  const line = lineOf(finding);
  const place = `at ${nameOf(finding.path)}${line === '' ? '' : ` (${line})`}`;
  return [
    { severity: finding.severity, indent: '', text: shortLine(finding.rule) },
    ...[place, ...details(finding)].map((text) => ({ indent: '  ', text })),
  ];
}

function groupedBlock(finding: Finding): readonly FindingLine[] {
  const line = lineOf(finding);
  return [
    { severity: finding.severity, indent: '  ', text: `${shortLine(finding.rule)}${line === '' ? '' : ` (${line})`}` },
    ...details(finding).map((text) => ({ indent: '    ', text })),
  ];
}

function byPath(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.path);
    if (group === undefined) groups.set(finding.path, [finding]);
    else group.push(finding);
  }
  return groups;
}

const EMPTY: FindingLine = { indent: '', text: '' };

/** The findings to show: all, or, of very many, the first ones, errors before warnings. */
function shownOf(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MOST_SHOWN) return findings;
  const of = (wanted: Severity): readonly Finding[] => findings.filter(({ severity }) => severity === wanted);
  return [...of('error'), ...of('warning')].slice(0, MOST_SHOWN);
}

/**
 * The findings in their order, each as a block; long lists by construct. What is acknowledged is left out: the summary
 * counts it.
 */
export function findingLines(findings: readonly Finding[]): readonly FindingLine[] {
  const open = findings.filter(({ acknowledged }) => acknowledged === undefined);
  const shown = shownOf(open);
  const blocks =
    shown.length < GROUPED_FROM
      ? shown.map(ownBlock)
      : [...byPath(shown)].map(([path, group]) => [
          { indent: '', text: `${nameOf(path)}: ${countsText(summaryOf(group))}` },
          ...group.flatMap(groupedBlock),
        ]);
  const lines = blocks.flatMap((block, index) => (index === 0 ? block : [EMPTY, ...block]));
  const left = open.length - shown.length;
  if (left === 0) return lines;
  return [...lines, EMPTY, { indent: '', text: `and ${left} more; --report FILE and --json have them all` }];
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** `2 errors, 3 warnings (1 acknowledged)`. */
export function countsText({ errors, warnings, acknowledged }: ReportSummary): string {
  const parts = [...(errors === 0 ? [] : [counted(errors, 'error')])];
  if (warnings > 0 || errors === 0) parts.push(counted(warnings, 'warning'));
  return `${parts.join(', ')}${acknowledged === 0 ? '' : ` (${acknowledged} acknowledged)`}`;
}

/** The last line on findings that keep synth from writing. */
export function refusalText(summary: ReportSummary): string {
  const onlyStrict = isAccepted(summary, false);
  return `${countsText(summary)}, nothing was written${onlyStrict ? ': --strict counts warnings as errors' : ''}`;
}

/** {@link findingLines} without colours. */
export const findingsText = (findings: readonly Finding[]): string =>
  findingLines(findings)
    .map(({ severity, indent, text }) => `${indent}${severity === undefined ? '' : `${severity} `}${text}`)
    .join('\n');
