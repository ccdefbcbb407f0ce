/** git-gate letting through: what is no secret and breaks no rule, in every form that git knows. */

import * as assert from 'uvu/assert';
import { COMMIT, pushSuite } from './pushes.ts';
import { githubToken } from './secrets.ts';

await pushSuite('git-gate, what passes', (test, { accepted, clone, newBranch, rejected, world }) => {
  const harmless = {
    'an empty commit': { script: 'git commit -q --allow-empty -m work' },
    'a clean merge': {
      script: `git checkout -q -b side; echo s >s; ${COMMIT}; git checkout -q work; echo w >w; ${COMMIT}; git merge -q -m merge side`,
    },
    'an image alone': {
      script: `printf '\\211PNG\\r\\n\\032\\n' >logo.png; head -c 200000 /dev/urandom >>logo.png; ${COMMIT}`,
    },
    'a lock file alone': {
      script: `node -e 'const { createHash: h } = require("node:crypto"); const o = {};
        for (let n = 0; n < 3000; n += 1) o["node_modules/p" + n] = { version: "1." + n, integrity: "sha512-" + h("sha512").update(String(n)).digest("base64") };
        fs.writeFileSync("package-lock.json", JSON.stringify({ packages: o }, null, 2))'; ${COMMIT}`,
    },
    'a deletion of every file but the protected ones': { script: `git rm -q README.md; ${COMMIT}` },
    'a change of mode alone': { script: `chmod 755 README.md; ${COMMIT}` },
  };
  for (const [what, { script }] of Object.entries(harmless)) {
    test(`forwards ${what}`, async () => {
      const directory = await clone();
      const branch = newBranch();
      assert.match(await accepted(directory, `${script}; git push -q origin work:${branch}`), 'forwarded to git.test');
      const { stdout } = await world().client(`cd ${directory}; git rev-parse work`);
      assert.is((await world().upstream(`git -C app.git rev-parse ${branch}`)).trim(), stdout.trim());
    });
  }

  test('scans only what is new, whatever history lies behind a new branch, and all of a history that is new', async () => {
    // Each of the 400 commits brings itself, a file and the two directories above that.
    const history = (branch: string, first: number): string => `node -e '
      const out = [];
      for (let n = ${first}; n < ${first + 400}; n += 1) out.push("commit refs/heads/${branch}\\ncommitter A <a@a.test> " + n + " +0000\\ndata 1\\nm\\nM 100644 inline src/f\\ndata 4\\n" + n + "\\n");
      process.stdout.write(out.join(""))' | git fast-import --quiet`;
    await world().upstream(`git init -q --bare -b main long.git; cd long.git; ${history('main', 1000)}`);
    const directory = await clone('long');
    const one = () => `echo x >>src/new; ${COMMIT}; git push -q origin HEAD:${newBranch()}`;
    assert.match(await accepted(directory, one()), 'git-gate: scanned 4 objects');
    const all = `${history('other', 5000)}; git checkout -q other; git push -q origin other`;
    assert.match(await accepted(directory, all), 'git-gate: scanned 1600 objects');
    assert.match(await accepted(directory, one()), 'git-gate: scanned 4 objects');
  });

  test('forwards Git LFS pointers and submodules, and says what it does not carry', async () => {
    const directory = await clone();
    const pointer = `printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%064d\\nsize 12345\\n' 7 >big.bin`;
    const submodule = `git update-index --add --cacheinfo 160000,$(git rev-parse HEAD~0),vendor/lib
      printf '[submodule "lib"]\\n\\tpath = vendor/lib\\n\\turl = https://git.test/lib.git\\n' >.gitmodules; git add .gitmodules`;
    const said = await accepted(
      directory,
      `${pointer}; git add big.bin; ${submodule}; git commit -q -m work; git push -q origin work:${newBranch()}`,
    );
    assert.match(said, 'note: 1 Git LFS pointer pushed without contents');
    assert.match(said, 'note: 1 submodule entry pushed');
    const option = await rejected(
      directory,
      `printf '[submodule "lib"]\\n\\tpath = vendor/lib\\n\\turl = --upload-pack=evil\\n' >.gitmodules; git add .gitmodules; git commit -q -m w; git push -q origin work`,
    );
    assert.match(option.output, /gitmodulesUrl|fsck error/);
  });

  test('deletes where that is allowed, and moves and deletes tags of every kind', async () => {
    const directory = await clone('lenient');
    const said = await accepted(
      directory,
      `echo x >x; ${COMMIT}; git push -q origin work:agent/gone; git push origin :agent/gone
       git tag light; git tag -a -m note annotated; git tag -a -m outer nested annotated; git push -q origin light annotated nested
       git push -q origin :light :annotated`,
    );
    assert.match(said, 'forwarded to git.test');
    const refs = await world().upstream('git -C lenient.git for-each-ref --format="%(refname) %(objecttype)"');
    assert.not.match(refs, /gone|light|refs\/tags\/annotated/);
    assert.match(refs, 'refs/tags/nested tag');
  });

  test('forwards by every version of the protocol, and ignores the filter of a partial clone', async () => {
    for (const version of [0, 1, 2]) {
      const directory = await clone('app', `-c protocol.version=${version}`);
      const push = `git -c protocol.version=${version} push -q origin work`;
      await accepted(directory, `echo ${version} >v; ${COMMIT}; ${push}:${newBranch()}`);
      const { output } = await rejected(directory, `echo ${githubToken()} >s; ${COMMIT}; ${push}`);
      assert.match(output, 'secret found by rule github-pat in s line 1');
    }
    const { stderr, stdout, exitCode } = await world().client(
      `git clone -q --filter=blob:none $gate/app.git p; cd p; git rev-list --objects --missing=print HEAD | grep -c '^?' || true; echo x >p; ${COMMIT}; git push -q origin HEAD:${newBranch()}`,
    );
    assert.match(stderr, 'filtering not recognized by server');
    assert.is(exitCode, 0, stderr);
    assert.is(stdout.trim(), '0');
  });

  test('mirrors an upstream whose objects have SHA-256 ids, an empty one too, and judges what is pushed to it', async () => {
    for (const remote of ['sha256', 'sha256-empty']) {
      const directory = await clone(remote);
      await accepted(
        directory,
        `echo x >x; ${COMMIT}; git rev-parse HEAD | grep -Ec '^[0-9a-f]{64}$'; git push -q origin work:topic`,
      );
      const { stdout } = await world().client(`cd ${directory}; git rev-parse work`);
      assert.is((await world().upstream(`git -C ${remote}.git rev-parse topic`)).trim(), stdout.trim());
      const { output } = await rejected(directory, `echo ${githubToken()} >s; ${COMMIT}; git push -q origin work:leak`);
      assert.match(output, 'secret found by rule github-pat in s line 1');
    }
    await world().restartGate();
    await accepted(await clone('sha256'), `echo again >again; ${COMMIT}; git push -q origin work:again`);
  });

  test('says of a push into a mirror of the other kind of ids what to do', async () => {
    await world().gate('rm -rf /git/sha256.git');
    await world().restartGate();
    const script = `git init -q -b x r; cd r; echo x >x; ${COMMIT}; git push -q $gate/sha256.git HEAD:x`;
    const { output } = await rejected('$(mktemp -d)', script);
    assert.match(output, 'git.test has sha256 objects: clone it through git-gate first');
  });

  test('follows a HEAD that names another branch than main, one without commits too', async () => {
    await world().upstream(
      'git -C empty.git symbolic-ref HEAD refs/heads/trunk; git -C lenient.git symbolic-ref HEAD refs/heads/shared',
    );
    const { stdout } = await world().client(
      `git clone -q $gate/empty.git e; git -C e symbolic-ref HEAD; git clone -q $gate/lenient.git l; git -C l symbolic-ref HEAD`,
    );
    assert.is(stdout, 'refs/heads/trunk\nrefs/heads/shared');
    const directory = await clone('empty');
    const { output } = await rejected(directory, `echo x >x; ${COMMIT}; git push -q origin work:trunk`);
    assert.match(output, "refs/heads/trunk: is the upstream's HEAD branch");
    await accepted(directory, 'git push -q origin work:main');
  });
});
