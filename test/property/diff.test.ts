/** What a diff promises of any two versions of a bottle. */

import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { lower } from '../../constructs/app.ts';
import { type BottleDiff, type BottleDocuments, diffBottle } from '../../lib/diff/index.ts';
import { anyApp, appFrom } from '../support/any-app.ts';
import { suite } from '../support/suite.ts';
import { linesOf, versionOf, withFile } from '../unit/diff/versions.ts';

const test = suite('any difference', { timeoutMs: 120_000 });

/** Any bottle, always of the same name. */
const anyVersion: fc.Arbitrary<BottleDocuments> = anyApp.map(([recipe]) => {
  if (recipe === undefined) throw new Error('no recipe');
  const [plan] = lower(appFrom([{ ...recipe, id: 'demo', ownSlug: false }]), {}).plans;
  if (plan === undefined) throw new Error('no plan');
  return Object.assign(versionOf(plan), { [fc.toStringMethod]: () => 'a bottle' });
});

/** Each run parses a dozen documents: to make a failure smaller would take minutes. */
const RUNS = { numRuns: 25, endOnFailure: true, includeErrorInReport: true };

test('a version does not differ from itself, and nothing follows', () => {
  fc.assert(
    fc.property(anyVersion, (version) => {
      const diff = diffBottle(version, { ...version, files: new Map(version.files) });
      assert.equal([diff.status, diff.changes, diff.files], ['unchanged', [], []]);
      const { endsSession, ...services } = diff.consequences;
      assert.equal([endsSession, ...Object.values(services)], [false, [], [], [], [], [], [], []]);
    }),
    RUNS,
  );
});

const told = ({ changes }: BottleDiff, effect: string): readonly string[] =>
  changes
    .filter((change) => change.effect === effect)
    .map(({ kind, subject, text }) => `${kind} ${subject} ${text}`)
    .sort();

test('what opens one way closes the other way, in the same words', () => {
  const orNothing = fc.option(anyVersion, { nil: undefined, freq: 8 });
  fc.assert(
    fc.property(orNothing, orNothing, (a, b) => {
      const [there, back] = [diffBottle(a, b), diffBottle(b, a)];
      assert.equal(told(there, 'opens'), told(back, 'closes'));
      assert.equal(told(there, 'closes'), told(back, 'opens'));
      assert.is(told(there, 'neither').length, told(back, 'neither').length);
    }),
    RUNS,
  );
});

test('whatever differs, each file that differs is named by a change', () => {
  fc.assert(
    fc.property(anyVersion, anyVersion, (a, b) => {
      const diff = diffBottle(a, b);
      const named = new Set(diff.changes.flatMap(({ files }) => files));
      for (const { path } of diff.files) assert.ok(named.has(path), `${path}\n${linesOf(diff).join('\n')}`);
    }),
    RUNS,
  );
});

type Path = readonly (string | number)[];

/** Every place below `value`, mappings and lists included. */
function places(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, one]) =>
    places(one, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

const EDITS = ['replace', 'remove', 'add'] as const;
type Holder = Record<string | number, unknown>;

/** `document` with one place of it edited; undefined where that would make it no bottle's document. */
function edited(document: unknown, path: Path, edit: (typeof EDITS)[number]): unknown {
  const copy = structuredClone(document) as Holder;
  const parent = path.slice(0, -1).reduce<Holder>((at, key) => at[key] as Holder, copy);
  const key = path.at(-1);
  if (key === undefined) return undefined;
  const old = parent[key];
  if (edit === 'add') {
    if (typeof old !== 'object' || old === null) return undefined;
    if (Array.isArray(old)) old.push('planted');
    else (old as Holder)['planted'] = { deeper: true };
  } else if (edit === 'replace') {
    parent[key] = typeof old === 'boolean' ? !old : typeof old === 'number' ? old + 1 : 'planted';
  } else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  return copy;
}

const DOCUMENTS = [
  'compose.yaml',
  'egress/routes.yaml',
  'pipelock/pipelock.yaml',
  'git-gate/git-gate.json',
  'supervise/supervise.json',
];

test('an edit of any place in any document is told, and undone in the opposite words', () => {
  const where = fc.record({ file: fc.nat(), place: fc.nat(), edit: fc.constantFrom(...EDITS) });
  let tried = 0;
  fc.assert(
    fc.property(anyVersion, fc.array(where, { minLength: 4, maxLength: 4 }), (version, edits) => {
      for (const { file, place, edit } of edits) {
        const present = DOCUMENTS.filter((path) => version.files.has(path));
        const path = present[file % present.length] ?? '';
        const text = version.files.get(path)?.toString() ?? '';
        const document: unknown = path.endsWith('.json') ? JSON.parse(text) : parse(text, { version: '1.1' });
        const all = places(document);
        const at = all[place % all.length] ?? [];
        const changed = edited(document, at, edit);
        // Without an agent, or with a service that is a word, it is no bottle's.
        const isUnreadable = at[0] === 'services' && at.length <= 2;
        if (changed === undefined || isUnreadable) continue;
        const other = withFile(version, path, () =>
          path.endsWith('.json') ? JSON.stringify(changed) : stringify(changed, { version: '1.1' }),
        );
        tried += 1;
        const [there, back] = [diffBottle(version, other), diffBottle(other, version)];
        const shown = `${edit} ${path}#/${at.join('/')}\n${linesOf(there).join('\n')}`;
        assert.is(there.status, 'changed', shown);
        assert.ok(
          there.changes.some(({ files }) => files.includes(path)),
          shown,
        );
        assert.equal(told(there, 'opens'), told(back, 'closes'), shown);
        assert.equal(told(there, 'closes'), told(back, 'opens'), shown);
        // A digest follows from its service, and an empty list says what none says: these alone may be told as spelling.
        const was = at.reduce<unknown>((value, key) => (value as Holder)[key], document);
        const isSpelling = at.includes('claude-bottle.digest') || (Array.isArray(was) && was.length === 0);
        const isTold = !/in another order or spelling/.test(linesOf(there).join('\n'));
        assert.ok(isTold || isSpelling, `passed over: ${shown}`);
      }
    }),
    RUNS,
  );
  assert.ok(tried > 25, `only ${tried} edits were tried`);
});

test('an edit of any text file is told', () => {
  fc.assert(
    fc.property(anyVersion, fc.nat(), (version, which) => {
      const paths = [...version.files.keys()].filter((path) => !DOCUMENTS.includes(path));
      const path = paths[which % paths.length] ?? '';
      for (const change of [
        (text: string) => `${text}planted\n`,
        () => '',
        (text: string) => text.replace('\n', '\n\n'),
      ]) {
        const diff = diffBottle(version, withFile(version, path, change));
        assert.ok(
          diff.changes.some(({ files }) => files.includes(path)),
          path,
        );
      }
    }),
    RUNS,
  );
});

test('a value in the manifest that no file shows is told', () => {
  const KEYS = ['images', 'scanner', 'tokens', 'identityFiles', 'trustedCAs', 'workspace', 'hostVariables', 'planted'];
  fc.assert(
    fc.property(anyVersion, fc.constantFrom(...KEYS), (version, key) => {
      const requires = { ...version.manifest.requires, [key]: key === 'images' ? {} : ['planted'] };
      const other = { ...version, manifest: { ...version.manifest, requires } } as BottleDocuments;
      // Its consequences need the images; what is asked here is whether it is told.
      if (key === 'images') return;
      if (key === 'tokens') return;
      assert.ok(diffBottle(version, other).changes.length > 0, key);
    }),
    RUNS,
  );
});

test.run();
