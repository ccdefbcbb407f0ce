import type { Finding } from '../plan/index.ts';

/** A finding as a person reads it: what and where, then what to do. */
export function findingText(finding: Finding): string {
  const place = finding.path === '' ? 'the app' : finding.path;
  const { location } = finding;
  const line = location === undefined ? '' : ` (${location.file}:${location.line})`;
  return [
    `${finding.severity} ${finding.rule}`,
    `  at ${place}${line}`,
    `  ${finding.message}`,
    `  fix: ${finding.fix}`,
  ].join('\n');
}
