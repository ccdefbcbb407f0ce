/** What is declared joined with what is deployed. */

import type { Manifest } from '../../assembly/index.ts';
import type { Deployed } from '../state/deployed.ts';
import { type BottleState, bottleState, upSince } from './bottle-state.ts';
import { changedInputs, type SkillDigest } from './changed-inputs.ts';
import type { DeployedBottle } from './deployed-bottles.ts';

export interface ListedBottle {
  readonly slug: string;
  readonly app: string;
  readonly state: BottleState | 'not deployed';
  /** True: the definition has it; false: deployed, and the definition does not have it any more; null: not asked. */
  readonly defined: boolean | null;
  /** Files of its definition that are not as deployed; null where that is not known. */
  readonly changed: readonly string[] | null;
  /** Questions and skills that are not as deployed, in words; null where that is not known. */
  readonly changedInputs: readonly string[] | null;
  /** A deploy of it began and did not end. */
  readonly incomplete: boolean;
  readonly shape: 'bundle' | 'split' | null;
  readonly scanner: Deployed['scanner'] | null;
  /** RFC 3339; null if nothing runs. */
  readonly since: string | null;
}

/** Paths of the rendered files that differ. */
function changedFiles(now: Readonly<Record<string, string>>, then: Readonly<Record<string, string>>): string[] {
  const paths = new Set([...Object.keys(now), ...Object.keys(then)]);
  return [...paths].filter((path) => now[path] !== then[path]).sort();
}

function deployedEntry(bottle: DeployedBottle, manifest: Manifest | undefined, digestOf: SkillDigest): ListedBottle {
  const { slug, app, record } = bottle;
  const ofApp = manifest?.app === app;
  const declared = ofApp && Object.hasOwn(manifest.bottles, slug) ? manifest.bottles[slug] : undefined;
  return {
    slug,
    app,
    state: bottleState(bottle),
    defined: ofApp ? declared !== undefined : null,
    changed: declared === undefined || record === undefined ? null : changedFiles(declared.files, record.assembly),
    changedInputs:
      declared === undefined || record === undefined ? null : changedInputs(declared.requires, record, digestOf),
    incomplete: record?.complete === false,
    shape: record?.shape ?? null,
    scanner: record?.scanner ?? null,
    since: upSince(bottle) ?? null,
  };
}

function declaredEntries({ app, bottles }: Manifest, deployed: ReadonlySet<string>): readonly ListedBottle[] {
  return Object.entries(bottles)
    .filter(([slug]) => !deployed.has(slug))
    .map(([slug, { shape }]) => ({
      slug,
      app,
      state: 'not deployed',
      defined: true,
      changed: null,
      changedInputs: null,
      incomplete: false,
      shape,
      scanner: null,
      since: null,
    }));
}

/** `deployed` and the bottles of `manifest` that are not among them, by slug. */
export function listedBottles(
  deployed: readonly DeployedBottle[],
  manifest: Manifest | undefined,
  digestOf: SkillDigest,
): readonly ListedBottle[] {
  const entries = deployed.map((bottle) => deployedEntry(bottle, manifest, digestOf));
  const ours = new Set(entries.filter(({ app }) => app === manifest?.app).map(({ slug }) => slug));
  const declared = manifest === undefined ? [] : declaredEntries(manifest, ours);
  return [...entries, ...declared].sort((a, b) => (a.slug < b.slug ? -1 : a.slug > b.slug ? 1 : 0));
}
