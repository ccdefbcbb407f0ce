/** `bottle diff`: what the definition has that what is deployed, or another output directory, has not. */

import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { MANIFEST_FILE } from '../assembly/manifest.ts';
import { type AssembledBottle, loadBottle, loadManifest } from '../deploy/assembly.ts';
import { type DeployedVersion, deployedVersion } from '../deploy/state/versions.ts';
import { type BottleDiff, type BottleDocuments, diffBottle, unifiedDiff } from '../diff/index.ts';
import { BottleError } from '../errors.ts';
import { recordedBottles } from '../operate/list/index.ts';
import { homeDirectory, stateDirectory } from '../operate/state/directory.ts';
import { quoted } from '../plan/index.ts';
import { bottlesOfApp } from './app-bottles.ts';
import { type LiveGrantLines, liveGrantLines } from './diff-grants.ts';
import { diffText } from './diff-text.ts';
import type { Messages } from './messages.ts';
import type { Project } from './project.ts';
import { withScratchAssembly } from './scratch-assembly.ts';

export interface DiffOptions {
  /** Output directory of another synth to compare with, in place of what is deployed. */
  readonly against?: string;
  /** Ends with exit code 1 if anything differs. */
  readonly fail: boolean;
  /** Which files differ, and nothing of what that means. */
  readonly files: boolean;
  /** The files that differ as unified diffs, too. */
  readonly unified: boolean;
}

/** What the verb says of one bottle. */
export interface ShownDiff extends BottleDiff {
  /** Unified diffs, where they are asked for. */
  readonly diff?: string;
  /** What operators granted while it ran: no part of what is compared. */
  readonly grants: LiveGrantLines;
  /** What an operator should know besides. */
  readonly notes: readonly string[];
}

/** One bottle of either version; undefined where that version does not have it. */
interface Pair {
  readonly slug: string;
  readonly before: BottleDocuments | undefined;
  readonly after: AssembledBottle | undefined;
  readonly deployed?: DeployedVersion | undefined;
}

type Other = (slug: string) => Omit<Pair, 'slug' | 'after'>;

interface Compared {
  readonly slugs: readonly string[];
  readonly other: Other;
}

/** `named`: the directory in the user's words. */
function otherOutput(directory: string, named: string): Compared {
  if (!existsSync(join(directory, MANIFEST_FILE))) {
    throw new BottleError('diff/no-output', `nothing to compare with: there is no ${join(directory, MANIFEST_FILE)}`, {
      fix: `let --against name the output directory of another synth; bottle synth -o ${named} makes it one, of the definition as it is then`,
    });
  }
  const manifest = loadManifest(directory);
  return {
    slugs: Object.keys(manifest.bottles),
    other: (slug) => ({
      before: Object.hasOwn(manifest.bottles, slug) ? loadBottle(directory, manifest, slug) : undefined,
    }),
  };
}

function assertOwn(slug: string, app: string, deployed: DeployedVersion | undefined): void {
  if (deployed === undefined || deployed.record.app === app) return;
  throw new BottleError(
    'deploy/slug-of-another-app',
    `the slug ${slug} belongs to the app ${quoted(deployed.record.app)} on this host`,
    { fix: 'give the bottle another slug or a suffix (-c suffix=…), or compare with an output directory (--against)' },
  );
}

function deployedApp(home: string, directory: string, app: string): Compared {
  return {
    slugs: bottlesOfApp(recordedBottles(home), directory, app).map(({ slug }) => slug),
    other: (slug) => {
      const deployed = deployedVersion(stateDirectory(home, slug), slug);
      assertOwn(slug, app, deployed);
      return { before: deployed?.version, deployed };
    },
  };
}

function selected(known: readonly string[], wanted: readonly string[]): readonly string[] {
  const unknown = wanted.filter((slug) => !known.includes(slug));
  if (unknown.length === 0) return wanted.length === 0 ? known : [...new Set(wanted)];
  throw new BottleError('usage/unknown-bottle', `no such bottle: ${unknown.map(quoted).join(', ')}`, {
    fix: `either version has: ${known.join(', ') || 'none'}`,
    exitCode: 2,
  });
}

function notesOf({ deployed }: Pair, isMoved: boolean, directory: string): readonly string[] {
  if (deployed === undefined) return [];
  const { record, altered } = deployed;
  return [
    ...(record.complete ? [] : ['its last deploy did not end: deploy it again']),
    ...altered.map((path) => `${path} was changed since it was deployed; a deploy puts it back`),
    ...(isMoved ? [`relative paths start at ${directory}, and started at ${record.projectDir}`] : []),
  ];
}

function shown(pair: Pair, directory: string, home: string, { against, unified }: DiffOptions): ShownDiff {
  const { slug, before, after, deployed } = pair;
  const isMoved = after !== undefined && deployed !== undefined && deployed.record.projectDir !== directory;
  return {
    ...diffBottle(before, after, { isMoved }),
    ...(unified ? { diff: unifiedDiff(before, after) } : {}),
    grants:
      against === undefined && after !== undefined
        ? liveGrantLines(after, stateDirectory(home, slug))
        : { kept: [], dropped: [] },
    notes: notesOf(pair, isMoved, directory),
  };
}

/** Compares the bottles `wanted`, or all that either version has; returns whether any differs. */
export async function diff(
  project: Project,
  wanted: readonly string[],
  messages: Messages,
  options: DiffOptions,
): Promise<boolean> {
  const home = homeDirectory(process.env);
  const named = options.against;
  const against = named === undefined ? undefined : resolve(named);
  // What it is compared with is checked first: a definition may take its time.
  const base = named === undefined || against === undefined ? undefined : otherOutput(against, named);
  const bottles = await withScratchAssembly(project, messages, ({ outdir }) => {
    const manifest = loadManifest(outdir);
    const { slugs, other } = base ?? deployedApp(home, project.directory, manifest.app);
    const known = [...new Set([...Object.keys(manifest.bottles), ...slugs])].sort();
    return selected(known, wanted).map((slug): ShownDiff => {
      const after = Object.hasOwn(manifest.bottles, slug) ? loadBottle(outdir, manifest, slug) : undefined;
      return shown({ slug, after, ...other(slug) }, project.directory, home, options);
    });
  });
  const differs = bottles.some(({ status, notes }) => status !== 'unchanged' || notes.length > 0);
  const place = against === undefined ? 'deployed' : relative(process.cwd(), against) || '.';
  messages.result({ against: place, differs, bottles }, diffText(bottles, options));
  return differs;
}
