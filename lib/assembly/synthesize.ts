/** From plans and findings to the output directory. */

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { normalize, resolve } from 'node:path';
import type { Finding, RenderedBottle, TreeNode } from '../plan/index.ts';
import { jsonText } from '../render/index.ts';
import { type JudgeInput, judge } from './judge.ts';
import { type BottleManifest, MANIFEST_FILE, type Manifest, readManifest } from './manifest.ts';
import { overrideRecords } from './override-records.ts';
import { deployRequirements } from './requirements.ts';
import { SYNTH_ENV } from './synth-env.ts';
import { SynthError } from './synth-error.ts';
import { TREE_FILE, treeText } from './tree.ts';
import { treeValues } from './tree-values.ts';
import { type Found, isAccepted, REPORT_FILE, type ValidationReport, validationReport } from './validation-report.ts';
import { replaceFiles } from './write.ts';

/** What a synth wrote. */
export interface Assembly {
  /** Absolute path of the output directory. */
  readonly outdir: string;
  readonly manifest: Manifest;
  /** The warnings, acknowledged ones too; an error would have thrown. In the order of the rules. */
  readonly findings: readonly Finding[];
  readonly report: ValidationReport;
}

export interface SynthesizeInput extends JudgeInput {
  /** The construct tree, where there is one. */
  readonly tree?: TreeNode;
  /** Relative to the working directory, or absolute. */
  readonly outdir: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

function bottleManifest({ plan, files }: RenderedBottle): BottleManifest {
  const digests = Object.entries(files).map(([path, text]) => [path, sha256(text)] as const);
  return {
    path: plan.path,
    files: Object.fromEntries(digests.sort(byKey)),
    daemons: plan.sidecars.daemons,
    shape: plan.sidecars.shape,
    overrides: overrideRecords(plan),
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

/** Hands what was found to the CLI, if it is there. */
function handOver(found: Found): void {
  const file = process.env[SYNTH_ENV.findings];
  if (file !== undefined) writeFileSync(file, JSON.stringify(found));
}

/**
 * Renders all plans in memory, judges the documents, and then writes them, with `manifest.json` last. Throws a
 * {@link SynthError} and writes nothing if a finding is an error (with the environment variable of
 * {@link SYNTH_ENV.strict}: or a warning that nobody acknowledged), and a `BottleError` if the output directory cannot be
 * written; the last good output stays in both cases.
 */
export function synthesize(input: SynthesizeInput): Assembly {
  const outdir = resolve(input.outdir);
  const { rendered, found } = judge(input);
  handOver(found);
  const report = validationReport(found);
  if (!isAccepted(report.summary, process.env[SYNTH_ENV.strict] === '1')) throw new SynthError(found);

  const files = new Map<string, string>();
  for (const { plan, files: own } of rendered) {
    for (const [path, text] of Object.entries(own)) files.set(`${plan.slug}/${path}`, text);
  }
  const manifest: Manifest = {
    version: 1,
    app: found.app,
    bottles: Object.fromEntries(rendered.map((bottle) => [bottle.plan.slug, bottleManifest(bottle)])),
  };
  files.set(REPORT_FILE, jsonText(report));
  if (input.tree !== undefined) {
    files.set(TREE_FILE, treeText(input.tree, treeValues(input.plans, input.locations ?? new Map())));
  }
  files.set(MANIFEST_FILE, jsonText(manifest));
  replaceFiles(outdir, files, stalePaths(readManifest(outdir), files));
  return { outdir, manifest, findings: found.findings, report };
}
