/** git-gate and its upstream: failures, races, restarts. */

import * as assert from 'uvu/assert';
import { COMMIT, pushSuite } from './pushes.ts';
import { githubToken } from './secrets.ts';

await pushSuite('git-gate upstream', (test, { accepted, clone, newBranch, rejected, world }) => {
  test("passes on the upstream's own refusal, and lets nothing into the mirror", async () => {
    await world().upstream(
      `printf '#!/bin/sh\\necho "policy 7 says no"; exit 1\\n' >hooked.git/hooks/pre-receive; chmod 755 hooked.git/hooks/pre-receive`,
    );
    const directory = await clone('hooked');
    const { output } = await rejected(directory, `echo x >refused; ${COMMIT}; git push -q origin work:other`);
    assert.match(output, 'git-gate: the upstream refused: ');
    assert.match(output, 'git-gate: git.test says: policy 7 says no');
    assert.not.match((await world().client('git ls-remote $gate/hooked.git')).stdout, 'refs/heads/other');
  });

  test('forwards all refs of a push or none, also where the upstream refuses one of them', async () => {
    await world().upstream(
      `rm -f hooked.git/hooks/pre-receive; printf '#!/bin/sh\n[ "$1" != refs/heads/bad ]\n' >hooked.git/hooks/update; chmod 755 hooked.git/hooks/update`,
    );
    const directory = await clone('hooked');
    const { output } = await rejected(directory, `echo x >x; ${COMMIT}; git push -q origin work:good work:bad`);
    await world().upstream('rm hooked.git/hooks/update');
    assert.match(output, 'git-gate: the upstream refused: ');
    assert.not.match((await world().client('git ls-remote $gate/hooked.git')).stdout, /refs\/heads\/(?:good|bad)/);
    await accepted(directory, 'git push -q origin work:good work:bad');
  });

  test('lets one of several pushes to the same branch through, and tells the others to fetch', async () => {
    const branch = newBranch();
    const directory = await clone();
    await accepted(directory, `git commit -q --allow-empty -m base; git push -q origin work:${branch}`);
    const { stdout, stderr } = await world().client(
      `for n in 1 2 3; do git clone -q -b ${branch} $gate/app.git c$n; git -C c$n commit -q --allow-empty -m $n; done
       for n in 1 2 3; do (git -C c$n push -q origin HEAD:${branch} && echo won >$n.won) & done; wait; ls *.won | wc -l; cat *.won`,
    );
    assert.is(stdout, '1\nwon', stderr);
    assert.is(
      (stderr.match(/git-gate: .*the upstream has changed, fetch and try again|\(fetch first\)/g) ?? []).length,
      2,
      stderr,
    );
  });

  test('lets no fetch move a ref of the mirror between the forwarding of a push and the end of it', async () => {
    // The hook as it is, and then a while in which receive-pack has not yet moved the ref.
    const slow = `#!/bin/sh\nshare=/opt/claude-bottle/git-gate\nGIT_GATE_RECEIVE_PACK=$$ "$share/node" pre-receive\ncode=$?\nsleep 3\nexit $code\n`;
    await world().restartGate(...world().replacing('/opt/claude-bottle/git-gate/hooks/pre-receive', slow));
    const directory = await clone();
    const branch = newBranch();
    const { stderr, exitCode } = await world().client(
      `cd ${directory}; git commit -q --allow-empty -m x; git push origin work:${branch} & push=$!
       for n in 1 2 3 4 5 6 7 8; do sleep 0.5; git ls-remote -q $gate/app.git >/dev/null || true; done; wait $push`,
    );
    await world().restartGate();
    assert.is(exitCode, 0, stderr);
    assert.match(stderr, 'forwarded to git.test');
  });

  test('scans again what the upstream has dropped since the last fetch', async () => {
    const leak = `w=$(mktemp -d); git clone -q app.git $w; cd $w; echo ${githubToken()} >leak; git add leak
      git -c user.name=U -c user.email=u@u.test commit -q -m leak; git push -q origin HEAD:leak`;
    await world().upstream(leak);
    const directory = await clone();
    await world().upstream('git -C app.git branch -D leak');
    const { output } = await rejected(directory, 'git push -q origin origin/leak:refs/heads/back');
    assert.match(output, 'secret found by rule github-pat in leak line 1');
  });

  test('runs its own hook, whatever the configuration of a mirror says', async () => {
    await world().gate('printf "[core]\\n\\thooksPath = /tmp\\n" >>/git/app.git/config');
    const { output } = await rejected(await clone(), `echo ${githubToken()} >s; ${COMMIT}; git push -q origin work`);
    assert.match(output, 'secret found');
  });

  test('refuses a push over a branch that has moved at the upstream since', async () => {
    const directory = await clone();
    const branch = newBranch();
    await accepted(directory, `echo x >x; ${COMMIT}; git push -q origin work:${branch}`);
    await world().upstream(
      `cd app.git; export GIT_AUTHOR_NAME=U GIT_AUTHOR_EMAIL=u@u.test GIT_COMMITTER_NAME=U GIT_COMMITTER_EMAIL=u@u.test
       git update-ref refs/heads/${branch} $(git commit-tree -p ${branch} -m theirs ${branch}^{tree})`,
    );
    const { output } = await rejected(directory, `echo y >y; ${COMMIT}; git push -q origin work:${branch}`);
    assert.match(output, 'the upstream has changed');
  });

  test('says which it is: a wrong host key, a refused key, a closed port, an absent repository', async () => {
    const causes = {
      imposter: 'git-gate: imposter.test showed a host key other than the declared one',
      stranger: 'git-gate: git.test does not accept the declared key',
      closed: 'git-gate: git.test cannot be reached',
      absent: 'git-gate: git.test has no such repository, or not for this key',
    };
    for (const [remote, message] of Object.entries(causes)) {
      const { exitCode, stderr } = await world().client(`git clone -q $gate/${remote}.git`);
      assert.is(exitCode, 128);
      assert.match(stderr, message);
      const push = await rejected(
        '$(mktemp -d)',
        `git init -q; echo x >x; ${COMMIT}; git push -q $gate/${remote}.git HEAD:x`,
      );
      assert.match(push.output, message);
    }
  });

  test('starts again over what a killed daemon left, and drops the mirror of another upstream', async () => {
    await world().gate(
      'touch /git/app.git/HEAD.lock /git/app.git/refs/heads/main.lock; mkdir /git/app.git/objects/tmp_objdir-incoming-x',
    );
    await world().gate(
      'mkdir -p /git/app.git/hooks; echo "ssh://git@git.test/srv/git/old.git" >/git/scp.git/git-gate-upstream; touch /git/scp.git/old',
    );
    await world().restartGate();
    const { stdout } = await world().gate(
      'cat /git/app.git/config; find /git -name "*.lock" -o -name "tmp_objdir*" -o -name old -o -name hooks',
    );
    assert.not.match(stdout, /hooksPath|\.lock|tmp_objdir|old|hooks/);
    await accepted(await clone(), `echo again >again; ${COMMIT}; git push -q origin work:${newBranch()}`);
    const { output } = await rejected(await clone(), `echo ${githubToken()} >s; ${COMMIT}; git push -q origin work`);
    assert.match(output, 'secret found');
  });

  test('answers one fetch and one push after the other on a mirror, however many come at once', async () => {
    const directory = await clone();
    const base = newBranch();
    const script = `for n in 1 2 3 4; do (git clone -q $gate/app.git c$n && cd c$n && git checkout -q -b w && echo $n >n && git add -A && git commit -q -m $n && git push -q origin w:${base}-$n) & done; wait`;
    await accepted(directory, script);
    const refs = await world().upstream(`git -C app.git for-each-ref --format='%(refname)' 'refs/heads/${base}-*'`);
    assert.is(refs.trim().split('\n').length, 4);
  });

  test('fails a fetch rather than serve what it remembers, when the upstream is gone', async () => {
    const directory = await clone();
    await world().stopUpstream();
    const { exitCode, stderr } = await world().client(`cd ${directory}; git fetch`);
    assert.is.not(exitCode, 0);
    assert.match(stderr, 'git-gate: git.test cannot be reached');
    const push = await world().client(`cd ${directory}; echo x >x; ${COMMIT}; git push origin work:late`);
    assert.match(push.stderr, 'git-gate: git.test cannot be reached');
    assert.match(push.stderr, 'pre-receive hook declined');
  });
});
