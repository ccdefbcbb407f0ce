import type { Finding } from '../plan/index.ts';

/** A finding without its severity: what and where, then what to do. */
export function findingBody(finding: Finding): string {
  const place = finding.path === '' ? 'the app' : finding.path;
  const { location } = finding;
  const line = location === undefined ? '' : ` (${location.file}:${location.line})`;
  return [finding.rule, `  at ${place}${line}`, `  ${finding.message}`, `  fix: ${finding.fix}`].join('\n');
}

/** A finding as a person reads it. */
export const findingText = (finding: Finding): string => `${finding.severity} ${findingBody(finding)}`;
