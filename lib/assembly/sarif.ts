/**
 * A validation report as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), as GitHub's code scanning and
 * other viewers read it. Section numbers are those of the standard.
 */

import { createHash } from 'node:crypto';
import type { Log, ReportingDescriptor, Result, Run, Location as SarifLocation } from 'sarif';
import { type Finding, shortLine } from '../plan/index.ts';
import { RULE_CATALOG, rulePage } from '../rules/index.ts';
import type { ValidationReport } from './validation-report.ts';

export interface SarifContext {
  /** Version of this package. */
  readonly version: string;
  /** From the root of the repository to the project: '' or a path with slashes and one at its end. */
  readonly base: string;
  /** The same to the output directory; undefined if it lies outside. */
  readonly output?: string;
  /** Stands for the definition where a finding has no line, e.g. `cdk.json`. */
  readonly fallback?: string;
  /** Why there are no findings: the definition failed before its synth. */
  readonly failure?: string;
}

interface Explained {
  readonly id: string;
  readonly severity: Finding['severity'];
  readonly what?: string;
  readonly why?: string;
  readonly fix: string;
}

/** The repository's root, which the viewer knows (§3.14.14), and the output directory in it. */
const ROOT = '%SRCROOT%';
const OUTPUT = 'OUTPUT';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** A relative reference (RFC 3986 §4.2) of a path with slashes. */
const uriOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

function descriptor({ id, severity, what, why, fix }: Explained): ReportingDescriptor {
  const page = rulePage(id);
  const parts = [
    ...(why === undefined ? [] : [`Why: ${shortLine(why)}`]),
    `Fix: ${shortLine(fix)}`,
    ...(page === undefined ? [] : [`Page: ${page} of the package claude-bottle`]),
  ].map(sentence);
  return {
    id,
    ...(what === undefined ? {} : { shortDescription: { text: sentence(shortLine(what)) } }),
    ...(why === undefined ? {} : { fullDescription: { text: sentence(shortLine(why)) } }),
    help: { text: parts.join('\n') },
    defaultConfiguration: { level: severity },
    properties: { tags: ['security'], 'problem.severity': severity },
  };
}

/** The rules of `findings` by id, sorted: ours, those of the house, and whatever else a finding names. */
function rulesOf({ findings, houseRules }: ValidationReport): readonly Explained[] {
  const known = new Map<string, Explained>(
    [...RULE_CATALOG.flatMap(({ rules }) => rules), ...houseRules].map((rule) => [rule.id, rule]),
  );
  const used = new Map(findings.map(({ rule, severity, fix }) => [rule, { id: rule, severity, fix }]));
  return [...used.keys()].sort().flatMap((id) => known.get(id) ?? used.get(id) ?? []);
}

function locationOf({ path, location }: Finding, { base, fallback }: SarifContext): SarifLocation {
  const inside = location !== undefined && !location.file.startsWith('../') && !location.file.startsWith('/');
  const file = inside ? `${base}${location.file}` : fallback === undefined ? undefined : `${base}${fallback}`;
  const startLine = inside ? location.line : 1;
  const physicalLocation = {
    artifactLocation: { uri: uriOf(file ?? ''), uriBaseId: ROOT },
    region: { startLine },
  };
  return {
    ...(file === undefined ? {} : { physicalLocation }),
    logicalLocations: [{ fullyQualifiedName: path === '' ? 'the app' : shortLine(path), kind: 'construct' }],
  };
}

/** The rendered file, and the place in it. */
function artifactLocations({ artifact, pointer = '' }: Finding): Pick<Result, 'relatedLocations'> {
  if (artifact === undefined) return {};
  const physicalLocation = { artifactLocation: { uri: uriOf(artifact), uriBaseId: OUTPUT } };
  const logicalLocations = pointer === '' ? [] : [{ fullyQualifiedName: shortLine(pointer), kind: 'object' }];
  const location: SarifLocation = {
    id: 1,
    physicalLocation,
    ...(logicalLocations.length === 0 ? {} : { logicalLocations }),
    message: { text: `${shortLine(artifact)}${pointer === '' ? '' : ` ${shortLine(pointer)}`}` },
  };
  return { relatedLocations: [location] };
}

/** The same for a finding wherever its line has moved to; `count` tells apart those that are alike. */
function fingerprint({ rule, path, artifact = '', pointer = '', message }: Finding, count: number): string {
  const parts = JSON.stringify([rule, path, artifact, pointer, message, count]);
  return createHash('sha256').update(parts).digest('hex');
}

function resultsOf(report: ValidationReport, rules: readonly Explained[], context: SarifContext): Result[] {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const seen = new Map<string, number>();
  return report.findings.map((finding) => {
    const { rule, severity, message, fix, acknowledged } = finding;
    const first = fingerprint(finding, 0);
    const count = seen.get(first) ?? 0;
    seen.set(first, count + 1);
    return {
      ruleId: rule,
      ruleIndex: indexes.get(rule) ?? -1,
      level: severity,
      message: { text: `${sentence(shortLine(message))}\n${sentence(`fix: ${shortLine(fix)}`)}` },
      locations: [locationOf(finding, context)],
      ...artifactLocations(finding),
      partialFingerprints: { 'claudeBottleFinding/v1': count === 0 ? first : fingerprint(finding, count) },
      ...(acknowledged === undefined
        ? {}
        : {
            suppressions: [{ kind: 'inSource', status: 'accepted', justification: shortLine(acknowledged) } as const],
          }),
    };
  });
}

export function sarifLog(report: ValidationReport, context: SarifContext): Log {
  const { version, output, failure } = context;
  const rules = rulesOf(report);
  const run: Run = {
    tool: { driver: { name: 'claude-bottle', semanticVersion: version, rules: rules.map(descriptor) } },
    invocations: [
      {
        executionSuccessful: failure === undefined,
        ...(failure === undefined
          ? {}
          : { toolExecutionNotifications: [{ level: 'error', message: { text: shortLine(failure) } }] }),
      },
    ],
    originalUriBaseIds: {
      [ROOT]: { description: { text: 'The root of the repository.' } },
      [OUTPUT]: {
        ...(output === undefined ? {} : { uri: output === '' ? './' : `${uriOf(output)}/`, uriBaseId: ROOT }),
        description: { text: 'The output directory of synth.' },
      },
    },
    automationDetails: { id: 'claude-bottle/' },
    columnKind: 'utf16CodeUnits',
    results: resultsOf(report, rules, context),
  };
  return { $schema: SCHEMA, version: '2.1.0', runs: [run] };
}
