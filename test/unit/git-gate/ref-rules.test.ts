import * as assert from 'uvu/assert';
import {
  type RefFacts,
  refusalsOfSet,
  refusalsOfUpdate,
  refusalsOfUpstream,
} from '../../../images/sidecars/git-gate/ref-rules.ts';
import { parseRefUpdates } from '../../../images/sidecars/git-gate/ref-update.ts';
import { suite } from '../../support/suite.ts';

const test = suite('git-gate ref rules');

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const ZERO = '0'.repeat(40);
const none = { force: false, delete: false, tags: false };
const all = { force: true, delete: true, tags: true };
const strict = { name: 'app', access: 'push', allow: none } as const;
const good: RefFacts = { targetType: 'commit', fastForward: true, wellFormed: true };
const show = (ref: string): string => ref;
const upstream = {
  head: 'refs/heads/main',
  refs: new Map([['refs/heads/x', A]]),
  aliases: new Map<string, string>(),
  tellsAliases: true,
};

test('reads creations, updates and deletions', () => {
  const updates = parseRefUpdates(`${ZERO} ${A} refs/heads/n\n${A} ${B} refs/heads/x\n${A} ${ZERO} refs/tags/t\n`);
  assert.equal(updates, [
    { ref: 'refs/heads/n', to: A },
    { ref: 'refs/heads/x', from: A, to: B },
    { ref: 'refs/tags/t', from: A },
  ]);
  assert.throws(() => parseRefUpdates('refs/heads/x'));
  assert.throws(() => parseRefUpdates(`${A} ${B.slice(1)} refs/heads/x`));
});

const cases: readonly [string, Parameters<typeof refusalsOfUpdate>[0], string, string, Partial<RefFacts>, RegExp?][] = [
  ['a new branch', strict, `${ZERO} ${A}`, 'refs/heads/x', {}],
  ['a fast-forward', strict, `${A} ${B}`, 'refs/heads/x', {}],
  ['anything to a read-only remote', { ...strict, access: 'read' }, `${A} ${B}`, 'refs/heads/x', {}, /read-only/],
  ['a rewrite', strict, `${A} ${B}`, 'refs/heads/x', { fastForward: false }, /not a fast-forward/],
  ['an allowed rewrite', { ...strict, allow: all }, `${A} ${B}`, 'refs/heads/x', { fastForward: false }],
  ['a deletion', strict, `${A} ${ZERO}`, 'refs/heads/x', {}, /may not be deleted/],
  ['an allowed deletion', { ...strict, allow: all }, `${A} ${ZERO}`, 'refs/heads/x', {}],
  ['a tag', strict, `${ZERO} ${A}`, 'refs/tags/v1', {}, /tags may not be pushed/],
  ['an allowed tag', { ...strict, allow: { ...none, tags: true } }, `${ZERO} ${A}`, 'refs/tags/v1', {}],
  ['a moved tag', { ...strict, allow: { ...none, tags: true } }, `${A} ${B}`, 'refs/tags/v1', {}, /not a fast-forward/],
  ['a tag on a blob', { ...strict, allow: all }, `${ZERO} ${A}`, 'refs/tags/v1', { targetType: 'blob' }, /a commit/],
  ['a note', { ...strict, allow: all }, `${ZERO} ${A}`, 'refs/notes/commits', {}, /only branches and tags/],
  ['a ref outside refs/', { ...strict, allow: all }, `${ZERO} ${A}`, 'HEAD', {}, /only branches and tags/],
  ['a branch called HEAD', strict, `${ZERO} ${A}`, 'refs/heads/HEAD', {}, /not a name/],
  ['a malformed name', strict, `${ZERO} ${A}`, 'refs/heads/a..b', { wellFormed: false }, /not a name/],
  ['a branch that reads as an option', strict, `${ZERO} ${A}`, 'refs/heads/--force', {}, /not a name/],
  ['a tag that reads as an option', { ...strict, allow: all }, `${ZERO} ${A}`, 'refs/tags/-d', {}, /not a name/],
  ['a branch that reads as a full name', strict, `${ZERO} ${A}`, 'refs/heads/refs/heads/main', {}, /not a name/],
  ['a branch with a control character', strict, `${ZERO} ${A}`, 'refs/heads/a\u009bb', {}, /not a name/],
  ['a branch that reverses what follows', strict, `${ZERO} ${A}`, 'refs/heads/a\u202eb', {}, /not a name/],
  ['a branch with a line separator', strict, `${ZERO} ${A}`, 'refs/heads/a\u2028b', {}, /not a name/],
  ['a branch whose name is no text', strict, `${ZERO} ${A}`, 'refs/heads/a\ufffdb', {}, /not a name/],
  ['a branch with letters of other scripts', strict, `${ZERO} ${A}`, 'refs/heads/grüße-中文', {}],
  ['a branch with a dash and refs within', strict, `${ZERO} ${A}`, 'refs/heads/fix-refs/x', {}],
  ['a branch outside the patterns', { ...strict, branches: ['agent/*'] }, `${ZERO} ${A}`, 'refs/heads/x', {}, /agent/],
  ['a branch inside the patterns', { ...strict, branches: ['agent/*'] }, `${ZERO} ${A}`, 'refs/heads/agent/x', {}],
];
for (const [what, policy, ids, ref, facts, message] of cases) {
  test(`${message === undefined ? 'takes' : 'refuses'} ${what}`, () => {
    const [update] = parseRefUpdates(`${ids} ${ref}`);
    assert.ok(update);
    const refusals = refusalsOfUpdate(policy, update, { ...good, ...facts }, show);
    assert.is(refusals.length, message === undefined ? 0 : 1, refusals.join());
    if (message !== undefined) assert.match(refusals[0] ?? '', message);
  });
}

test('refuses a ref that is updated twice', () => {
  const updates = parseRefUpdates(`${ZERO} ${A} refs/heads/x\n${ZERO} ${B} refs/heads/x\n`);
  assert.equal(refusalsOfSet(updates, show), { lines: ['refs/heads/x: updated twice in one push'], crowded: false });
});

test('looks at no ref of a push that has too many', () => {
  const line = (index: number): string => `${ZERO} ${A} refs/heads/${index}`;
  const push = (count: number) => parseRefUpdates(Array.from({ length: count }, (_, index) => line(index)).join('\n'));
  assert.equal(refusalsOfSet(push(100), show), { lines: [], crowded: false });
  assert.equal(refusalsOfSet(push(101), show), {
    lines: ['a push of 101 refs: push at most 100 at a time'],
    crowded: true,
  });
});

test('refuses a ref that is a name for another at the upstream, and says for which', () => {
  const aliases = new Map([['refs/heads/x', 'refs/heads/main']]);
  const update = { ref: 'refs/heads/x', from: A, to: B };
  assert.equal(refusalsOfUpstream({ ...strict, branches: ['*'], allow: all }, update, { ...upstream, aliases }, show), [
    'refs/heads/x: stands for refs/heads/main at the upstream; push that one',
  ]);
});

test('refuses what could be a name for another where the upstream does not say', () => {
  const refs = new Map([
    ['refs/heads/main', B],
    ['refs/heads/x', A],
    ['refs/tags/t', A],
  ]);
  const silent = { ...upstream, tellsAliases: false };
  const update = { ref: 'refs/heads/x', from: A, to: B };
  assert.equal(refusalsOfUpstream(strict, update, { ...silent, refs }, show), []);
  const same = new Map(refs).set('refs/heads/main', A);
  assert.match(refusalsOfUpstream(strict, update, { ...silent, refs: same }, show)[0] ?? '', 'could stand for another');
  assert.equal(refusalsOfUpstream(strict, update, { ...upstream, refs: same }, show), []);
  assert.equal(refusalsOfUpstream(strict, { ref: 'refs/heads/new', to: B }, { ...silent, refs: same }, show), []);
});

test('holds an update against what the upstream is, not what the client claims', () => {
  const judge = (from: string | undefined, ref = 'refs/heads/x') =>
    refusalsOfUpstream(strict, { ref, to: B, ...(from === undefined ? {} : { from }) }, upstream, show);
  assert.equal(judge(A), []);
  assert.match(judge(B)[0] ?? '', 'the upstream has changed');
  assert.match(judge(undefined)[0] ?? '', 'the upstream has changed');
  assert.match(judge(A, 'refs/heads/gone')[0] ?? '', 'the upstream has changed');
});

test('keeps the HEAD branch, unless a pattern names it, and never lets it be deleted', () => {
  const main = {
    head: 'refs/heads/main',
    refs: new Map([['refs/heads/main', A]]),
    aliases: new Map<string, string>(),
    tellsAliases: true,
  };
  const update = { ref: 'refs/heads/main', from: A, to: B };
  const open = { ...strict, branches: ['main'], allow: all };
  assert.match(refusalsOfUpstream(strict, update, main, show)[0] ?? '', 'HEAD branch');
  assert.equal(refusalsOfUpstream(open, update, main, show), []);
  assert.match(refusalsOfUpstream(open, { ref: update.ref, from: A }, main, show)[0] ?? '', 'may not be deleted');
  const shouting = { ref: 'refs/heads/MAIN', to: B };
  assert.match(refusalsOfUpstream(strict, shouting, main, show)[0] ?? '', 'HEAD branch');
});

test('takes no branch while HEAD names none, for any could be it', () => {
  const detached = { refs: new Map<string, string>(), aliases: new Map<string, string>(), tellsAliases: true };
  const update = { ref: 'refs/heads/x', to: B };
  assert.match(refusalsOfUpstream(strict, update, detached, show)[0] ?? '', 'have to be declared');
  assert.equal(refusalsOfUpstream({ ...strict, branches: ['x'] }, update, detached, show), []);
});

test.run();
