/** How two versions of a bottle differ. */

import { isDeepStrictEqual } from 'node:util';
import { projectName } from '../plan/index.ts';
import { consequencesOf } from './consequences.ts';
import { withoutDerived } from './families/declared.ts';
import { FAMILIES } from './families/registry.ts';
import { rest } from './families/rest.ts';
import { changes, type Pair } from './family.ts';
import { changedFiles } from './files.ts';
import type { BottleDiff, BottleDocuments, Change, FileChange } from './model.ts';
import { redacted } from './redact.ts';
import { composeOf, pairedServices } from './services.ts';
import { named, namesOf } from './shown.ts';
import { MANIFEST, nothing, parsedVersion, sideOf, type Version, within } from './side.ts';

function compared(pair: Pair): readonly Change[] {
  const first = pairedServices(pair);
  const told = FAMILIES.flatMap((compare) => compare(pair));
  withoutDerived(pair.before);
  withoutDerived(pair.after);
  return [...first, ...told, ...rest(pair)];
}

const withoutDigests = ({ manifest: { files: _files, ...entry } }: BottleDocuments): object => entry;

/** What no change has told yet: files that say the same in another way, and what follows from nothing. */
function untold(
  told: readonly Change[],
  before: BottleDocuments,
  after: BottleDocuments,
  files: readonly FileChange[],
): readonly Change[] {
  const missing = files.filter(({ path }) => !told.some((change) => change.files.includes(path)));
  const silent = missing.map(({ path, status }) => ({
    ...changes('file', path, `${named(path)} ${status === 'changed' ? 'in another order or spelling' : status}`),
    files: [path],
  }));
  const isManifestOnly =
    told.length + silent.length === 0 && !isDeepStrictEqual(withoutDigests(before), withoutDigests(after));
  return [
    ...silent,
    ...(isManifestOnly
      ? [
          {
            ...changes('manifest', 'manifest', 'manifest: what the bottle needs of its host changed'),
            files: [MANIFEST],
          },
        ]
      : []),
  ];
}

const ALL_FILES = (documents: BottleDocuments): readonly string[] => [...documents.files.keys()];

function comeOrGone(pair: Pair, documents: BottleDocuments, isNew: boolean): readonly Change[] {
  const { slug } = documents;
  const volumes = Object.keys(within(composeOf(isNew ? pair.after : pair.before), 'volumes'));
  const kept =
    volumes.length === 0
      ? ''
      : `; its volumes stay behind: ${namesOf(volumes.map((name) => `${projectName(slug)}_${name}`))}`;
  const text = isNew ? 'new bottle' : `bottle removed: bottle destroy ${slug} takes it down${kept}`;
  const effect = isNew ? 'opens' : 'closes';
  return [
    { ...changes('bottle', slug, text), files: [...ALL_FILES(documents), MANIFEST] },
    ...compared(pair).filter((change) => change.effect === effect),
  ];
}

function allChanges(
  before: Version | undefined,
  after: Version | undefined,
  files: readonly FileChange[],
): readonly Change[] {
  const slug = (after ?? before)?.slug ?? '';
  const pair: Pair = {
    before: before === undefined ? nothing(slug) : sideOf(before),
    after: after === undefined ? nothing(slug) : sideOf(after),
  };
  if (before === undefined) return after === undefined ? [] : comeOrGone(pair, after, true);
  if (after === undefined) return comeOrGone(pair, before, false);
  const told = compared(pair);
  return [...told, ...untold(told, before, after, files)];
}

/**
 * How `after` differs from `before`; undefined is a bottle that does not exist. Whatever differs in a file or in the
 * manifest's entry is told by at least one change, and no change holds a value that looks like a credential. Throws
 * `diff/unreadable` for documents that synth did not render. `isMoved`: relative paths of the definition start
 * elsewhere than they did.
 */
export function diffBottle(
  before: BottleDocuments | undefined,
  after: BottleDocuments | undefined,
  { isMoved = false }: { readonly isMoved?: boolean } = {},
): BottleDiff {
  const files = changedFiles(before, after);
  const [old, now] = [before && parsedVersion(before), after && parsedVersion(after)];
  const hide = redacted([old, now]);
  const paths = new Set([...files.map(({ path }) => path), MANIFEST]);
  const all = allChanges(old, now, files).map((change) => ({
    ...change,
    subject: hide(named(change.subject)),
    text: hide(named(change.text)),
    files: change.files.filter((path) => paths.has(path)),
  }));
  const status =
    before === undefined ? 'new' : after === undefined ? 'removed' : all.length > 0 ? 'changed' : 'unchanged';
  return {
    slug: (after ?? before)?.slug ?? '',
    status,
    changes: all,
    files,
    consequences: consequencesOf(old, now, isMoved),
  };
}
