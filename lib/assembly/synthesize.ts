/** From plans and findings to the output directory. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, normalize, resolve } from 'node:path';
import type { BottlePlan, Finding, Locate, RenderedBottle } from '../plan/index.ts';
import { jsonText, renderedBottle } from '../render/index.ts';
import { checkDocuments } from '../rules/index.ts';
import { type BottleManifest, MANIFEST_FILE, type Manifest } from './manifest.ts';
import { deployRequirements } from './requirements.ts';
import { SynthError } from './synth-error.ts';
import { replaceFiles } from './write.ts';

/** Names of the environment variables by which the CLI talks to a definition's process. */
export const SYNTH_ENV = {
  outdir: 'CLAUDE_BOTTLE_OUTDIR',
  context: 'CLAUDE_BOTTLE_CONTEXT',
  /** A file that receives the findings as JSON. */
  findings: 'CLAUDE_BOTTLE_FINDINGS',
  /** `1`: a warning counts as an error. */
  strict: 'CLAUDE_BOTTLE_STRICT',
} as const;

const REPORT_FILE = 'validation-report.json';

/** What a synth wrote. */
export interface Assembly {
  /** Absolute path of the output directory. */
  readonly outdir: string;
  readonly manifest: Manifest;
  /** The warnings; an error would have thrown. */
  readonly findings: readonly Finding[];
}

export interface SynthesizeInput {
  readonly plans: readonly BottlePlan[];
  /** Of the plans: what lowering and the rules over them report. */
  readonly findings: readonly Finding[];
  /** Where the parts of the plans were declared, by the identity of the part. */
  readonly locations?: ReadonlyMap<object, Locate>;
  /** Relative to the working directory, or absolute. */
  readonly outdir: string;
}

/** The previous manifest of `outdir`, or undefined if there is none that this version reads. */
export function readManifest(outdir: string): Manifest | undefined {
  const file = join(outdir, MANIFEST_FILE);
  if (!existsSync(file)) return undefined;
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed && parsed.version === 1;
    return known && 'bottles' in parsed ? (parsed as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** The constructs in or below which something is an error: a plan of theirs is not fit for rendering. */
const erroneous = (findings: readonly Finding[]): ReadonlySet<string> =>
  new Set(
    findings.flatMap(({ severity, path }) => {
      const ids = severity === 'error' ? path.split('/') : [];
      return ids.map((_, index) => ids.slice(0, index + 1).join('/'));
    }),
  );

function bottleManifest({ plan, files }: RenderedBottle): BottleManifest {
  const digests = Object.entries(files).map(([path, text]) => [path, sha256(text)] as const);
  return {
    path: plan.path,
    files: Object.fromEntries(digests.sort(byKey)),
    daemons: plan.sidecars.daemons,
    shape: plan.sidecars.shape,
    requires: deployRequirements(plan),
  };
}

/** Paths that an earlier synth of ours wrote and this one does not; nothing outside the output directory. */
function stalePaths(previous: Manifest | undefined, files: ReadonlyMap<string, string>): string[] {
  const listed = Object.entries(previous?.bottles ?? {}).flatMap(([slug, { files: old }]) =>
    Object.keys(old).map((path) => `${slug}/${path}`),
  );
  return listed.filter((path) => !files.has(path) && normalize(path) === path && !path.startsWith('..'));
}

function report(findings: readonly Finding[]): void {
  const file = process.env[SYNTH_ENV.findings];
  if (file !== undefined) writeFileSync(file, jsonText(findings));
}

/**
 * Renders all plans in memory, judges the documents, and then writes them, with `manifest.json` last. Throws a
 * {@link SynthError} and writes nothing if a finding is an error (with the environment variable of
 * {@link SYNTH_ENV.strict}: or a warning), and a `BottleError` if the output directory cannot be written; the last good
 * output stays in both cases.
 */
export function synthesize(input: SynthesizeInput): Assembly {
  const outdir = resolve(input.outdir);
  const refused = erroneous(input.findings);
  const rendered = input.plans
    .filter(({ path }) => !refused.has(path))
    .sort((a, b) => byKey([a.slug, a], [b.slug, b]))
    .map(renderedBottle);
  const { locations = new Map<object, Locate>() } = input;
  const findings = [...input.findings, ...rendered.flatMap((bottle) => checkDocuments(bottle, locations))];
  report(findings);
  const strict = process.env[SYNTH_ENV.strict] === '1';
  if (findings.some(({ severity }) => strict || severity === 'error')) throw new SynthError(findings);

  const files = new Map<string, string>();
  for (const { plan, files: own } of rendered) {
    for (const [path, text] of Object.entries(own)) files.set(`${plan.slug}/${path}`, text);
  }
  const manifest: Manifest = {
    version: 1,
    app: input.plans[0]?.app ?? '',
    bottles: Object.fromEntries(rendered.map((bottle) => [bottle.plan.slug, bottleManifest(bottle)])),
  };
  files.set(REPORT_FILE, jsonText({ version: 1, findings }));
  files.set(MANIFEST_FILE, jsonText(manifest));
  replaceFiles(outdir, files, stalePaths(readManifest(outdir), files));
  return { outdir, manifest, findings };
}
