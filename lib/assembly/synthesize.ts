/** From plans and findings to the output directory. */

import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, normalize, resolve } from 'node:path';
import { BottleError } from '../errors.ts';
import type { Finding, RenderedBottle, TreeNode } from '../plan/index.ts';
import { jsonText } from '../render/index.ts';
import { type Content, contentStore } from './contents.ts';
import { type JudgeInput, judgeEach } from './judge.ts';
import { type BottleManifest, MANIFEST_FILE, type Manifest, readManifest } from './manifest.ts';
import { overrideRecords } from './override-records.ts';
import { deployRequirements } from './requirements.ts';
import { SYNTH_ENV } from './synth-env.ts';
import { SynthError } from './synth-error.ts';
import { TREE_FILE, treeText } from './tree.ts';
import { treeValues } from './tree-values.ts';
import { type Found, isAccepted, REPORT_FILE, type ValidationReport, validationReport } from './validation-report.ts';
import { holds, replaceFiles } from './write.ts';

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

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** A bottle that was judged: what is written of it. */
interface Written {
  readonly slug: string;
  /** By path relative to `<outdir>/<slug>/`. */
  readonly files: readonly (readonly [path: string, content: Content])[];
  readonly manifest: BottleManifest;
}

/** Takes of a rendered bottle what is written. */
function keeper(): (bottle: RenderedBottle) => Written {
  const contentOf = contentStore();
  return ({ plan, files: texts }) => {
    const files = Object.entries(texts).map(([path, text]) => [path, contentOf(text)] as const);
    const digests = files.map(([path, { digest }]) => [path, digest] as const);
    const manifest: BottleManifest = {
      path: plan.path,
      files: Object.fromEntries(digests.sort(byKey)),
      daemons: plan.sidecars.daemons,
      shape: plan.sidecars.shape,
      overrides: overrideRecords(plan),
      requires: deployRequirements(plan),
    };
    return { slug: plan.slug, files, manifest };
  };
}

/** Paths that an earlier synth of ours wrote and this one does not; nothing outside the output directory. */
function stalePaths(previous: Manifest | undefined, files: ReadonlyMap<string, unknown>): string[] {
  const listed = Object.entries(previous?.bottles ?? {}).flatMap(([slug, { files: old }]) =>
    Object.keys(old).map((path) => `${slug}/${path}`),
  );
  return listed.filter((path) => !files.has(path) && normalize(path) === path && !path.startsWith('..'));
}

/** Throws where the output would take the place of files that no synth of ours has written. */
function assertOwnOutput(outdir: string, previous: Manifest | undefined, files: ReadonlyMap<string, Buffer>): void {
  // Without a manifest of ours nothing there is ours; a path that is no directory is refused when it is written to.
  if (previous !== undefined || !existsSync(outdir) || !statSync(outdir).isDirectory()) return;
  if (readdirSync(outdir).length === 0) return;
  // A first synth that was killed may have put some files in place, and the manifest is the last: what is the same stays.
  const foreign = [...files].find(
    ([path, bytes]) => existsSync(join(outdir, path)) && !holds(join(outdir, path), bytes),
  );
  if (foreign === undefined) return;
  throw new BottleError(
    'synth/foreign-output',
    `${join(outdir, foreign[0])} was not written by synth, which would replace it`,
    {
      fix: 'name an empty directory with --output, or remove the file',
    },
  );
}

/** Hands what was found to the CLI, if it is there. Throws the second time: one app would take the place of the other. */
function handOver(found: Found): void {
  const file = process.env[SYNTH_ENV.findings];
  if (file === undefined) return;
  if (existsSync(file)) {
    throw new BottleError('synth/second-app', 'app.synth() was called a second time; allowed: once a definition', {
      fix: 'declare all bottles in one App, or give each App a definition, and an --output, of its own',
    });
  }
  writeFileSync(file, JSON.stringify(found));
}

/**
 * Renders all plans in memory, judges the documents, and then writes them, with `manifest.json` last. Throws a
 * {@link SynthError} and writes nothing if a finding is an error (with the environment variable of
 * {@link SYNTH_ENV.strict}: or a warning that nobody acknowledged), and a `BottleError` if the output directory cannot be
 * written; the last good output stays in both cases.
 */
export function synthesize(input: SynthesizeInput): Assembly {
  const outdir = resolve(input.outdir);
  const { kept, found } = judgeEach(input, keeper());
  handOver(found);
  const report = validationReport(found);
  if (!isAccepted(report.summary, process.env[SYNTH_ENV.strict] === '1')) throw new SynthError(found);

  const files = new Map<string, Buffer>();
  for (const { slug, files: own } of kept) {
    for (const [path, { bytes }] of own) files.set(`${slug}/${path}`, bytes);
  }
  const manifest: Manifest = {
    version: 1,
    app: found.app,
    bottles: Object.fromEntries(kept.map(({ slug, manifest }) => [slug, manifest])),
  };
  files.set(REPORT_FILE, Buffer.from(jsonText(report)));
  if (input.tree !== undefined) {
    const values = treeValues(input.plans, input.locations ?? new Map());
    files.set(TREE_FILE, Buffer.from(treeText(input.tree, values)));
  }
  files.set(MANIFEST_FILE, Buffer.from(jsonText(manifest)));
  const previous = readManifest(outdir);
  assertOwnOutput(outdir, previous, files);
  replaceFiles(outdir, files, stalePaths(previous, files));
  return { outdir, manifest, findings: found.findings, report };
}
