/** git-gate's rules: which refs and paths may be pushed. */

import * as assert from 'uvu/assert';
import { COMMIT, pushSuite } from './pushes.ts';
import { githubToken } from './secrets.ts';

await pushSuite('git-gate rules', (test, { accepted, clone, newBranch, rejected, world }) => {
  test('refuses the HEAD branch, in any case, and a push that holds it together with another', async () => {
    const directory = await clone();
    const { output } = await rejected(directory, `echo x >x; ${COMMIT}; git push -q origin work:main`);
    assert.match(output, "git-gate: refs/heads/main: is the upstream's HEAD branch");
    assert.match((await rejected(directory, 'git push -q origin work:Main')).output, 'HEAD branch');
    assert.match((await rejected(directory, `git push -q origin work:main work:${newBranch()}`)).output, 'HEAD branch');
    await accepted(directory, `git push -q origin work:${newBranch()} work:${newBranch()}`);
  });

  test('refuses the HEAD branch that the upstream has now, not the one it had at the clone', async () => {
    const directory = await clone();
    await world().upstream('git -C app.git symbolic-ref HEAD refs/heads/shared');
    try {
      const { output } = await rejected(directory, `echo x >x; ${COMMIT}; git push -q origin work:shared`);
      assert.match(output, "refs/heads/shared: is the upstream's HEAD branch");
    } finally {
      await world().upstream('git -C app.git symbolic-ref HEAD refs/heads/main');
    }
  });

  test('keeps the HEAD branch of an empty upstream and takes others', async () => {
    const directory = await clone('empty');
    const { output } = await rejected(directory, `echo x >x; ${COMMIT}; git push -q origin work:main`);
    assert.match(output, "refs/heads/main: is the upstream's HEAD branch");
    await accepted(directory, 'git push -q origin work:topic');
    assert.match((await rejected(directory, 'git push -q origin work:main')).output, 'HEAD branch');
  });

  test('refuses force, deletion, tags and refs of other kinds', async () => {
    const directory = await clone();
    const branch = newBranch();
    await accepted(directory, `echo x >x; ${COMMIT}; git push -q origin work:${branch}`);
    const force = await rejected(directory, `git commit -q --amend -m other; git push -qf origin work:${branch}`);
    assert.match(force.output, 'not a fast-forward');
    assert.match((await rejected(directory, `git push -q origin :${branch}`)).output, 'may not be deleted');
    assert.match((await rejected(directory, 'git tag v1; git push -q origin v1')).output, 'tags may not be pushed');
    for (const ref of ['refs/notes/commits', 'refs/replace/x', 'refs/pull/1/head', 'refs/for/main']) {
      const { output } = await rejected(directory, `git push -q origin work:${ref}`);
      assert.match(output, /only branches and tags may be pushed/, ref);
    }
  });

  test('refuses a change of a protected path: added, changed, deleted, replaced, or made in a merge', async () => {
    const changes = [
      'echo y >.github/workflows/new.yml; git add -A; git commit -q -m w',
      'echo y >>.github/workflows/ci.yml; git add -A; git commit -q -m w; git revert --no-edit HEAD >/dev/null',
      'git rm -q .github/workflows/ci.yml; git commit -q -m w',
      'mkdir -p .GitHub/Workflows; echo y >.GitHub/Workflows/ci.yml; git add -A; git commit -q -m w',
      'git rm -rq .github; ln -s /tmp .github; git add -A; git commit -q -m w',
      `git checkout -q -b side; echo s >s; ${COMMIT}; git checkout -q work; echo w >w; ${COMMIT}
       git merge -q --no-commit side; echo y >>.github/workflows/ci.yml; git add -A; git commit -q -m merge`,
    ];
    for (const change of changes) {
      const { output } = await rejected(await clone(), `${change}; git push -q origin work`);
      assert.match(output, /git-gate: \.github.*: protected by \.github\/workflows\/\*\*, changed in commit/i, change);
    }
  });

  test('takes a merge that brings in what the upstream itself changed on a protected path', async () => {
    const directory = await clone('hooked');
    await world().upstream(
      `rm hooked.git/hooks/pre-receive; w=$(mktemp -d); git clone -q hooked.git $w; cd $w; echo z >>.github/workflows/ci.yml
       git -c user.name=U -c user.email=u@u.test commit -qam ci; git push -q origin main`,
    );
    await accepted(
      directory,
      `echo x >x; ${COMMIT}; git fetch -q; git merge -q -m merge origin/main; git push -q origin work:merged`,
    );
  });

  test('refuses a branch whose name misleads, and shows and logs none of it raw', async () => {
    const directory = await clone();
    for (const name of ['-x', 'refs/heads/x', 'a\u009bb', 'a\u202eb']) {
      const push = `git commit -q --allow-empty -m w; git push -q origin "HEAD:refs/heads/${name}"`;
      const { output, connections } = await rejected(directory, push);
      assert.match(output, /git-gate: refs\/heads\/[ -~]+: not a name for a branch or tag/, name);
      assert.is(connections, 0);
    }
    assert.not.match(await world().gateLog(), /[\u0080-\u009f\u202e]/);
  });

  test('serves a read-only remote and takes no push for it', async () => {
    const directory = await clone('readonly');
    const { output, connections } = await rejected(directory, `echo x >x; ${COMMIT}; git push -q origin work`);
    assert.match(output, 'git-gate: readonly is read-only');
    assert.is(connections, 0);
  });

  test('honours branches, force, delete and tags where the definition allows them', async () => {
    const directory = await clone('lenient');
    await accepted(
      directory,
      `echo x >x; ${COMMIT}; git push -q origin work:main work:agent/one; git tag -a -m note v1; git push -q origin v1`,
    );
    await accepted(
      directory,
      'git commit -q --amend -m other; git push -qf origin work:agent/one; git push -q origin :agent/one',
    );
    const refs = await world().upstream('git -C lenient.git for-each-ref --format="%(refname)"');
    assert.is(refs.trim(), 'refs/heads/main\nrefs/heads/shared\nrefs/tags/v1');
    assert.match(
      (await rejected(directory, 'git push -q origin work:topic')).output,
      'only branches that match main, agent/*',
    );
    assert.match((await rejected(directory, 'git push -q origin work:agent/a/b')).output, 'only branches that match');
    assert.match((await rejected(directory, 'git push -q origin :main')).output, 'may not be deleted');
    const tag = await rejected(directory, `git tag -a -m "use ${githubToken()}" v2; git push -q origin v2`);
    assert.match(tag.output, 'the tag object');
    const nested = await rejected(
      directory,
      `git tag -a -m ${githubToken()} in; git tag -a -m out out in; git push -q origin out`,
    );
    assert.match(nested.output, 'the tag object');
    const blob = await rejected(
      directory,
      'git tag loose $(echo hello | git hash-object -w --stdin); git push -q origin loose',
    );
    assert.match(blob.output, 'does not point at a commit');
  });
});
