import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { refusalsOfUpdate } from '../../../images/sidecars/git-gate/ref-rules.ts';
import { BottleError } from '../../../lib/errors.ts';
import { type Explanation, explainGit, type GitQuestion } from '../../../lib/explain/index.ts';
import { isWellFormed, namedRef } from '../../../lib/explain/ref-name.ts';
import { protects } from '../../../lib/plan/glob.ts';
import type { BottlePlan, GitRemotePlan } from '../../../lib/plan/index.ts';
import { policyOfPlan } from '../../support/explain-requests.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('explain of git', { timeoutMs: 60_000 });
const FULL = fullMatrix();

function planOf(more: Partial<GitRemotePlan>): BottlePlan {
  const { gitGate } = FULL.sidecars;
  if (gitGate === undefined) throw new Error('no git-gate');
  return {
    ...FULL,
    sidecars: {
      ...FULL.sidecars,
      gitGate: { ...gitGate, remotes: gitGate.remotes.map((one) => ({ ...one, ...more })) },
    },
  };
}

const push = (
  ref: string,
  more: Partial<GitQuestion> = {},
  remote: Partial<GitRemotePlan> = {},
): Promise<Explanation> =>
  explainGit(
    policyOfPlan(planOf(remote)),
    { action: 'push', remote: 'app', ref, force: false, delete: false, paths: [], ...more },
    0,
  );

const cases: readonly [string, string, Partial<GitQuestion>, Partial<GitRemotePlan>, string?, RegExp?][] = [
  ['a branch', 'agent/fix', {}, {}],
  ['a refspec', 'HEAD:agent/fix', {}, {}],
  ['a branch within the patterns', 'agent/fix', {}, { branches: ['agent/*'] }],
  [
    'a branch beside the patterns',
    'main',
    {},
    { branches: ['agent/*'] },
    'branches',
    /branches: \['agent\/\*', 'main'\]/,
  ],
  ['anything to a remote that is read', 'agent/fix', {}, { access: 'read' }, 'access', /access: 'push'/],
  ['a tag', 'refs/tags/v1', {}, {}, 'tags', /allow: \{ tags: true \}/],
  ['an allowed tag', 'refs/tags/v1', {}, { allow: { force: false, delete: false, tags: true } }],
  ['a deletion', 'old', { delete: true }, {}, 'delete', /allow: \{ delete: true \}/],
  ['a deletion by refspec', ':old', {}, {}, 'delete', /delete: true/],
  ['an allowed deletion', ':old', {}, { allow: { force: false, delete: true, tags: false } }],
  ['a rewrite', 'agent/fix', { force: true }, {}, 'force', /allow: \{ force: true \}/],
  ['a rewrite by refspec', '+agent/fix', {}, {}, 'force', /or push a new branch/],
  [
    'a rewrite where tags are allowed',
    '+agent/fix',
    {},
    { allow: { force: false, delete: false, tags: true } },
    'force',
    /allow: \{ force: true, tags: true \}/,
  ],
  ['another kind of ref', 'refs/notes/x', {}, {}, 'ref-name', /name a branch or a tag/],
  ['a name that reads as an option', '--force', {}, {}, 'ref-name', /nobody misreads/],
  ['a malformed name', 'a..b', {}, {}, 'ref-name', /git takes/],
  [
    'a protected path',
    'agent/fix',
    { paths: ['src/a.ts', '.github/workflows/ci.yml'] },
    {},
    'protected-paths',
    /let a person/,
  ],
  ['a path that is not protected', 'agent/fix', { paths: ['src/a.ts'] }, {}],
];

for (const [what, ref, question, remote, rule, told] of cases) {
  test(`${what}: ${rule === undefined ? 'allowed' : `refused by ${rule}`}`, async () => {
    const explanation = await push(ref, question, remote);
    assert.is(explanation.verdict, rule === undefined ? 'allowed' : 'refused', explanation.reason);
    if (rule === undefined) {
      assert.match(explanation.scanned.join(), /gitleaks/);
      return;
    }
    assert.is(explanation.rule, rule);
    assert.match(explanation.agentSees?.body ?? '', /^git-gate: /);
    const { code = '', advice = [] } = explanation.opening ?? {};
    assert.match([code, ...advice].join('\n'), told ?? /^$/);
  });
}

test('the HEAD branch of the upstream is not known offline, and its refusal is quoted', async () => {
  const { provided } = await push('main');
  assert.match(
    provided.join('\n'),
    /HEAD names, which is not known offline; if it is: refs\/heads\/main: is the upstream's HEAD branch; push another branch/,
  );
  assert.not.match((await push('main', {}, { branches: ['main'] })).provided.join('\n'), /HEAD/);
});

test('a fetch of a declared remote is allowed, however it is named', async () => {
  const policy = policyOfPlan(FULL);
  const names = [
    'app',
    'ssh://git@git.example.org/acme/app.git',
    'git@git.example.org:/acme/app',
    'git://git-gate/app.git',
  ];
  for (const remote of names) {
    const question = { action: 'fetch', remote, force: false, delete: false, paths: [] } as const;
    const { verdict, by } = await explainGit(policy, question, 0);
    assert.equal([verdict, by], ['allowed', 'git-gate'], remote);
  }
});

test('git over HTTPS is a request: the push is refused by egress, or git-gate’s where the gitconfig sends it there', async () => {
  const undeclared = await push('main', { remote: 'https://docs.example.org/acme/other.git' });
  assert.equal([undeclared.verdict, undeclared.by, undeclared.rule], ['refused', 'egress', 'git-push']);
  const declared = await push('agent/fix', { remote: 'https://git.example.org/acme/app.git' });
  assert.equal([declared.verdict, declared.by], ['allowed', 'git-gate']);
});

test('an unknown remote and a push without a ref are usage errors that name what there is', async () => {
  const failing = async (plan: BottlePlan, more: Partial<GitQuestion>): Promise<BottleError> => {
    const question = { action: 'push', remote: 'app', force: false, delete: false, paths: [], ...more } as const;
    try {
      await explainGit(policyOfPlan(plan), question, 0);
    } catch (error) {
      if (error instanceof BottleError) return error;
      throw error;
    }
    throw new Error('it was answered');
  };
  const unknown = await failing(FULL, { remote: 'ap', ref: 'main' });
  assert.match(unknown.message, /no such remote: 'ap'; declared are: app/);
  assert.match(unknown.fix ?? '', /did you mean app/);
  assert.match((await failing(planWith(['egress']), { ref: 'main' })).message, /declares no git remote/);
  assert.match((await failing(FULL, {})).message, /needs a ref/);
  for (const ref of ['HEAD', '', 'a:']) assert.is((await failing(FULL, { ref })).code, 'usage/ref');
});

test('the verdict is that of git-gate’s own functions, over generated pushes', async () => {
  const branch = fc.constantFrom(
    'main',
    'agent/a',
    'agent/a/b',
    'v1',
    'release',
    'a..b',
    '.x',
    'x.lock',
    'a b',
    '-x',
    'HEAD:x',
  );
  const pushes = fc.record({
    ref: fc
      .tuple(fc.constantFrom('', '+', ':'), fc.constantFrom('', 'refs/heads/', 'refs/tags/', 'refs/notes/'), branch)
      .map((all) => all.join('')),
    access: fc.constantFrom('push' as const, 'push' as const, 'read' as const),
    branches: fc.constantFrom(undefined, ['agent/*'], ['agent/**', 'release']),
    allow: fc.record({ force: fc.boolean(), delete: fc.boolean(), tags: fc.boolean() }),
    paths: fc.constantFrom([], ['.github/workflows/x.yml'], ['src/x', '.GitHub']),
  });
  for (const { ref, paths, branches, ...remote } of fc.sample(pushes, { numRuns: 600, seed: 51 })) {
    const policy = { ...remote, ...(branches === undefined ? {} : { branches }) };
    const { verdict, reason } = await push(ref, { paths }, policy);
    const named = namedRef(ref);
    const update = {
      ref: named.ref,
      ...(named.force || named.delete ? { from: '1' } : {}),
      ...(named.delete ? {} : { to: '2' }),
    };
    const facts = { targetType: 'commit', fastForward: !named.force, wellFormed: isWellFormed(named.ref) };
    const byRef = refusalsOfUpdate({ name: 'app', ...policy }, update, facts, (name) => name);
    const isProtected = paths.some((path) =>
      ['.github/workflows/**', '.gitlab-ci.yml'].some((glob) => protects(glob, path)),
    );
    assert.is(verdict, byRef.length > 0 || isProtected ? 'refused' : 'allowed', `${ref} ${reason}`);
    if (byRef.length > 0) assert.is(reason, byRef.join('; '));
  }
});

const git = spawnSync('git', ['--version']).status === 0;
const sameNames = 'git takes the names that explain takes';
if (git) {
  test(sameNames, () => {
    const piece = fc.constantFrom(
      'a',
      'b.lock',
      '.',
      '..',
      '/',
      '@{',
      '@',
      '~',
      '^',
      ':',
      '?',
      '*',
      '[',
      '\\',
      ' ',
      '-',
      'é',
      '\u007f',
      'heads/',
      'refs/',
      '.lock',
      '{',
    );
    for (const pieces of fc.sample(fc.array(piece, { minLength: 1, maxLength: 5 }), { numRuns: 250, seed: 52 })) {
      const ref = `refs/heads/${pieces.join('')}`;
      assert.is(isWellFormed(ref), spawnSync('git', ['check-ref-format', ref]).status === 0, ref);
    }
  });
} else {
  test.skip(sameNames, 'no git on this machine');
}

test.run();
