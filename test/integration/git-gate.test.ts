/** git-gate serving: what the agent can fetch, and from where. */

import * as assert from 'uvu/assert';
import { COMMIT, pushSuite } from './git-gate/pushes.ts';

await pushSuite('git-gate', (test, { accepted, clone, newBranch, world }) => {
  test('serves a clone whose HEAD, branches and content are those of the upstream', async () => {
    const directory = await clone();
    const output = await world().client(
      `cd ${directory}; git symbolic-ref refs/remotes/origin/HEAD; git ls-remote origin`,
    );
    assert.match(output.stdout, 'refs/remotes/origin/main');
    const main = (await world().upstream('git -C app.git rev-parse main')).trim();
    assert.match(output.stdout, `${main}\trefs/heads/main`);
    assert.match(output.stdout, `${main}\trefs/heads/shared`);
  });

  test('follows the upstream at every fetch: new, deleted and rewritten branches, and HEAD', async () => {
    const directory = await clone('scp');
    await world().upstream('git -C app.git branch newcomer main');
    assert.match((await world().client(`cd ${directory}; git ls-remote origin`)).stdout, 'refs/heads/newcomer');
    await world().upstream('cd app.git; git branch -D newcomer; git symbolic-ref HEAD refs/heads/shared');
    const { stdout } = await world().client(`cd ${directory}; git ls-remote --symref origin`);
    await world().upstream('git -C app.git symbolic-ref HEAD refs/heads/main');
    assert.not.match(stdout, 'newcomer');
    assert.match(stdout, 'ref: refs/heads/shared\tHEAD');
  });

  test('clones an empty upstream with the name of its HEAD', async () => {
    const { stdout, exitCode } = await world().client('git clone -q $gate/empty.git e; git -C e symbolic-ref HEAD');
    assert.is(exitCode, 0);
    assert.is(stdout, 'refs/heads/main');
  });

  test('forwards a clean push of every kind of content', async () => {
    const directory = await clone();
    const branch = newBranch();
    const said = await accepted(
      directory,
      `echo text >a; printf 'a\\0b\\n' >nul; echo wide | iconv -t UTF-16 >wide; head -c 300000 /dev/zero | tr '\\0' . >long
       printf '\\211PNG\\r\\n' >logo.png; mkdir -p d/e; ln -s a d/e/link; : >empty; head -c 3000000 /dev/urandom >random; ${COMMIT}
       git checkout -q -b side HEAD~1; echo s >s; ${COMMIT}; git checkout -q work; git merge -q -m merge side
       git push -q origin work:${branch}`,
    );
    assert.match(said, 'forwarded to git.test');
    const { stdout } = await world().client(`cd ${directory}; git rev-parse work`);
    assert.is((await world().upstream(`git -C app.git rev-parse ${branch}`)).trim(), stdout.trim());
    const again = await world().client(`git clone -q -b ${branch} $gate/app.git c; cat c/a`);
    assert.is(again.stdout, 'text');
  });

  test('forwards from a shallow clone, to a branch that exists and one that does not', async () => {
    const directory = await clone('app', '--depth 1');
    const branch = newBranch();
    await accepted(
      directory,
      `echo 1 >n; ${COMMIT}; git push -q origin work:${branch}; echo 2 >n; ${COMMIT}; git push -q origin work:${branch}`,
    );
    assert.is((await world().upstream(`git -C app.git log --format=%s ${branch} | head -1`)).trim(), 'work');
  });

  test('gives out no other path, service or spelling', async () => {
    const paths = [
      'app',
      'app.git/',
      '/app.git',
      '../git/app.git',
      './app.git',
      'app.git/../scp.git',
      '../etc/git-gate',
      '~git/app.git',
      'app.git%00',
      '',
    ];
    for (const path of paths) {
      const { exitCode, stdout } = await world().client(`git ls-remote "$gate/${path}"`);
      assert.is.not(exitCode, 0, path);
      assert.is(stdout, '', path);
    }
    const archive = await world().client(
      'git archive --remote=$gate/app.git HEAD | wc -c; git ls-remote $gate/app.git',
    );
    assert.match(archive.stdout, /^0\n.*\trefs\/heads\/main/s);
  });

  test('answers requests by hand with no path but the declared ones, whatever host and parameters they name', async () => {
    const program = `const { connect } = require('node:net');
      const ask = (text) => new Promise((resolve) => {
        const socket = connect(9418, process.argv[2], () => socket.write((text.length + 4).toString(16).padStart(4, '0') + text));
        let answer = '';
        socket.setEncoding('latin1').on('data', (data) => { answer += data; if (answer.endsWith('0000')) socket.destroy(); }).on('error', () => {}).on('close', () => resolve(answer));
        setTimeout(() => socket.destroy(), 60000).unref();
      });
      Promise.all(JSON.parse(process.argv[3]).map(ask)).then((answers) => console.log(JSON.stringify(answers)));`;
    const ask = async (requests: readonly string[]): Promise<readonly string[]> => {
      const words = `"\${gate#git://}" '${JSON.stringify(requests)}'`;
      const { stdout } = await world().client(`cat >ask.cjs <<'PROGRAM'\n${program}\nPROGRAM\nnode ask.cjs ${words}`);
      return JSON.parse(stdout) as readonly string[];
    };
    const [control = ''] = await ask(['git-upload-pack /app.git\0host=evil.test\0\0version=2\0']);
    assert.match(control, 'version 2');
    const requests = [
      'git-upload-pack /git/app.git\0',
      'git-upload-pack /../git/app.git\0',
      'git-upload-pack /app.git/../../etc\0',
      'git-upload-pack ~/app.git\0',
      'git-upload-pack /~git-gate/app.git\0host=x\0',
      'git-upload-pack /app.git\n\n\0host=x\0',
      'git-upload-pack /app.git\u001b[2J\0host=x\0',
      'git-upload-pack /%(H)/app.git\0host=../git\0',
      'git-upload-pack /app.git/objects\0host=git-gate:1\0',
      'git-upload-pack -c core.sshCommand=id /app.git\0',
      'git-upload-archive /app.git\0host=x\0',
      'git-receive-archive /app.git\0',
      'git-receive-pack /readonly.git\0host=x\0',
      'git-receive-pack /git/app.git\0host=x\0',
      'git-shell /app.git\0',
    ];
    for (const [index, answer] of (await ask(requests)).entries()) {
      assert.not.match(answer, /[0-9a-f]{40}|version [12]/, requests[index]);
    }
  });

  test('listens on its address of the agent network and on no other', async () => {
    const { serving, other } = await world().gateAddresses();
    const control = await world().client(`git ls-remote git://${serving}/app.git`);
    assert.is(control.exitCode, 0, 'the control failed');
    const probe = await world().neighbour(`git ls-remote git://${other}/app.git`);
    assert.match(probe.stderr, 'Connection refused');
    const { stdout } = await world().gate('cat /proc/net/tcp /proc/net/tcp6');
    assert.not.match(stdout, / 0{8}(?:0{24})?:24CA /);
    assert.match(stdout, /:24CA /);
  });

  test('leaves ssh no way to other keys, hosts or files', async () => {
    const { stdout } = await world().gate('ls -la /run/git-gate; env; cat /proc/1/cmdline | tr "\\0" " "');
    assert.not.match(stdout, 'PRIVATE KEY');
    assert.match(stdout, /-rw------- .* app\.key/);
  });
});
