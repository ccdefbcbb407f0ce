/** `validation-report.json`: everything that synth found, for programs and for whoever reviews what was accepted. */

import type { Finding, Severity } from '../plan/index.ts';
import type { AcknowledgementRecord } from '../rules/index.ts';

export const REPORT_FILE = 'validation-report.json';

export interface ReportSummary {
  readonly errors: number;
  /** All of them, acknowledged ones included. */
  readonly warnings: number;
  /** How many of the warnings are acknowledged. */
  readonly acknowledged: number;
}

/** A rule of the house that was asked. */
export interface HouseRuleRecord {
  readonly id: string;
  readonly severity: Severity;
  readonly what?: string;
  readonly why?: string;
  readonly fix: string;
  /** Construct paths that it was added to, sorted; the empty one is the app. */
  readonly scopes: readonly string[];
}

export interface ValidationReport {
  readonly version: 1;
  /** `name` of the user's package.json. */
  readonly app: string;
  readonly summary: ReportSummary;
  /** By construct path, rule, artifact, pointer, place and message, each compared by UTF-16 units. */
  readonly findings: readonly Finding[];
  /** By id and construct path. */
  readonly acknowledgements: readonly AcknowledgementRecord[];
  /** By id. */
  readonly houseRules: readonly HouseRuleRecord[];
}

export function summaryOf(findings: readonly Finding[]): ReportSummary {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const acknowledged = findings.filter((finding) => finding.acknowledged !== undefined).length;
  return { errors, warnings: findings.length - errors, acknowledged };
}

/** Whether synth may write: no error, and with `strict` no warning that nobody answers for. */
export const isAccepted = ({ errors, warnings, acknowledged }: ReportSummary, strict: boolean): boolean =>
  errors === 0 && (!strict || warnings === acknowledged);

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** `entries` by the first of the keys in which two of them differ. */
const sortedBy = <T>(entries: readonly T[], keys: (entry: T) => readonly (string | number)[]): readonly T[] =>
  entries
    .map((entry) => ({ entry, by: keys(entry) }))
    .sort((a, b) => {
      for (const [index, key] of a.by.entries()) {
        const order = compare(key, b.by[index] ?? '');
        if (order !== 0) return order;
      }
      return 0;
    })
    .map(({ entry }) => entry);

const findingKeys = ({ path, rule, artifact, pointer, location, message }: Finding): readonly (string | number)[] => [
  path,
  rule,
  artifact ?? '',
  pointer ?? '',
  location?.file ?? '',
  location?.line ?? 0,
  message,
];

/** Always with the same keys in the same order, whoever made it. */
const ordered = (finding: Finding): Finding => {
  const { rule, severity, path, message, fix, location, artifact, pointer, acknowledged } = finding;
  return {
    rule,
    severity,
    path,
    message,
    fix,
    ...(location === undefined ? {} : { location: { file: location.file, line: location.line } }),
    ...(artifact === undefined ? {} : { artifact }),
    ...(pointer === undefined ? {} : { pointer }),
    ...(acknowledged === undefined ? {} : { acknowledged }),
  };
};

const houseRuleRecord = ({ id, severity, what, why, fix, scopes }: HouseRuleRecord): HouseRuleRecord => ({
  id,
  severity,
  ...(what === undefined ? {} : { what }),
  ...(why === undefined ? {} : { why }),
  fix,
  scopes: [...scopes].sort(compare),
});

/** What a report is made of: the findings in the order of the rules, bottle by bottle. */
export type Found = Pick<ValidationReport, 'app' | 'findings' | 'acknowledgements' | 'houseRules'>;

/** The report on `findings`, in an order that does not depend on theirs. */
export function validationReport({ app, findings, acknowledgements, houseRules }: Found): ValidationReport {
  return {
    version: 1,
    app,
    summary: summaryOf(findings),
    findings: sortedBy(findings, findingKeys).map(ordered),
    acknowledgements: sortedBy(acknowledgements, ({ id, path, location, reason }) => [
      id,
      path,
      location?.file ?? '',
      location?.line ?? 0,
      reason,
    ]),
    houseRules: sortedBy(houseRules.map(houseRuleRecord), ({ id }) => [id]),
  };
}
