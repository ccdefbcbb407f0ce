/** git-gate against a client that speaks the protocol as it likes: what is hidden, forged or far too much. */

import * as assert from 'uvu/assert';
import { COMMIT, pushSuite } from './pushes.ts';
import { RAW_PUSH } from './raw-push.ts';
import { githubToken } from './secrets.ts';

await pushSuite('git-gate, hostile clients', (test, { accepted, clone, newBranch, rejected, world }) => {
  /** Pushes `objects` (shell words that print ids, one a line) and moves `ref` to `tip`. */
  const raw = (objects: string, tip: string, ref: string, ...before: string[]): string =>
    `${RAW_PUSH}(${objects}) | git pack-objects -q --stdout >pack
     raw_push app pack ${before.map((line) => `"${line}"`).join(' ')} "$zero ${tip} refs/heads/${ref}"`;
  const inMirror = async (id: string, repository = 'app'): Promise<boolean> =>
    (await world().gate(`git --git-dir=/git/${repository}.git cat-file -e ${id}`)).exitCode === 0;

  test('refuses a push with objects that no pushed ref leads to, and keeps none of them', async () => {
    const directory = await clone();
    const branch = newBranch();
    const script = `echo ${githubToken()} >x; hidden=$(git hash-object -w x); rm x; echo clean >y; ${COMMIT}; echo $hidden; git rev-parse HEAD`;
    const { stdout } = await world().client(`cd ${directory}; ${script}`);
    const [hidden = '', tip = ''] = stdout.split('\n');
    const own = 'git rev-list --objects HEAD --not origin/main | cut -c1-40';
    const refs = await world().upstreamRefs();
    const { stdout: said } = await world().client(`cd ${directory}; ${raw(`${own}; echo ${hidden}`, tip, branch)}`);
    assert.match(said, `ng refs/heads/${branch} pre-receive hook declined`);
    assert.is(await world().upstreamRefs(), refs);
    for (const id of [hidden, tip]) assert.not(await inMirror(id), id);
    assert.match(await world().gateLog(), /"refused":\["the push carries 1 object that no pushed ref leads to/);
    // The control: the same client, the same commit, without the hidden object.
    const { stdout: control } = await world().client(`cd ${directory}; ${raw(own, tip, branch)}`);
    assert.match(control, `ok refs/heads/${branch}`);
    assert.ok(await inMirror(tip));
    assert.is((await world().upstream(`git -C app.git rev-parse ${branch}`)).trim(), tip);
    assert.is(
      (
        await world().client(`cd ${directory}; ${raw(`echo ${hidden}`, '$(git rev-parse HEAD)', `${branch}-2`)}`)
      ).stdout.includes('ok refs'),
      false,
    );
  });

  test('scans behind a history that the client declares to be cut off', async () => {
    const directory = await clone();
    const branch = newBranch();
    const script = `echo ${githubToken()} >s; ${COMMIT}; git rm -q s; git commit -q -m clean; echo a >a; ${COMMIT}; git rev-parse HEAD HEAD^`;
    const { stdout } = await world().client(`cd ${directory}; ${script}`);
    const [tip = '', cut = ''] = stdout.split('\n');
    const above = `git rev-list --objects ${cut}..${tip} | cut -c1-40; git rev-list --objects --no-walk ${cut} | cut -c1-40`;
    const refs = await world().upstreamRefs();
    const { stdout: said } = await world().client(`cd ${directory}; ${raw(above, tip, branch, `shallow ${cut}`)}`);
    assert.match(said, /ng refs\/heads\/\S+ shallow update not allowed/);
    // With its history, and still declared to be cut off.
    const all = `git rev-list --objects ${tip} --not origin/main | cut -c1-40`;
    const { stdout: whole } = await world().client(`cd ${directory}; ${raw(all, tip, branch, `shallow ${cut}`)}`);
    assert.match(whole, `ng refs/heads/${branch}`);
    assert.is(await world().upstreamRefs(), refs);
    assert.not(await inMirror(tip));
    assert.is((await world().gate('ls /git/app.git/shallow /git/app.git/objects/info/alternates')).stdout, '');
  });

  test('looks through replaced objects and grafts of the client', async () => {
    const directory = await clone();
    const { output } = await rejected(
      directory,
      `echo ${githubToken()} >s; ${COMMIT}; clean=$(git commit-tree -p origin/main -m clean origin/main^{tree})
       git replace HEAD $clean; git log -1 --format=%s; git push -q origin work`,
    );
    assert.match(output, 'secret found by rule github-pat in s line 1');
    const refs = await rejected(directory, "git push -q origin 'refs/replace/*:refs/replace/*'");
    assert.match(refs.output, 'only branches and tags may be pushed');
    assert.is((await world().gate('git --git-dir=/git/app.git for-each-ref refs/replace')).stdout, '');
  });

  test('refuses refs that are not branches or tags, a symbolic one and a name outside refs/ among them', async () => {
    const directory = await clone();
    for (const ref of [
      'HEAD',
      'refs/HEAD',
      'refs/remotes/origin/x',
      'refs/stash',
      'refs/for/main',
      'refs/meta/config',
    ]) {
      const { stdout } = await world().client(
        `cd ${directory}; ${RAW_PUSH}git commit -q --allow-empty -m e
         git rev-list --objects HEAD --not origin/main | cut -c1-40 | git pack-objects -q --stdout >pack
         raw_push app pack "$zero $(git rev-parse HEAD) ${ref}"`,
      );
      assert.match(stdout, /ng \S+ (?:pre-receive hook declined|funny refname)/, ref);
    }
    await world().upstream('git -C app.git symbolic-ref refs/heads/alias refs/heads/main');
    const { output } = await rejected(await clone(), `echo x >x; ${COMMIT}; git push -q origin work:alias`);
    assert.match(output, 'git-gate: refs/heads/alias: stands for refs/heads/main at the upstream');
    const silent = await rejected(await clone('version0'), `echo x >x; ${COMMIT}; git push -q origin work:alias`);
    await world().upstream('git -C app.git symbolic-ref -d refs/heads/alias');
    assert.match(silent.output, 'git-gate: refs/heads/alias: could stand for another branch at the upstream');
    await accepted(await clone('version0'), `echo x >x; ${COMMIT}; git push -q origin work:${newBranch()}`);
  });

  test('is led nowhere by configuration, hooks, attributes or alternates in the pushed tree', async () => {
    const directory = await clone();
    const { output } = await rejected(
      directory,
      `mkdir -p hooks objects/info info; printf '#!/bin/sh\\ntouch /tmp/ran\\n' >hooks/post-receive; cp hooks/post-receive hooks/update
       chmod 755 hooks/*; echo /etc >objects/info/alternates; printf '[core]\\n\\tsshCommand = touch /tmp/ran\\n\\tfsmonitor = touch /tmp/ran\\n' >config
       echo '* export-subst filter=x diff=x' >.gitattributes; cp .gitattributes info/attributes; echo ${githubToken()} >s
       ${COMMIT}; git push -q origin work`,
    );
    assert.match(output, 'secret found by rule github-pat in s line 1');
    await accepted(directory, `git rm -q s; git commit -q --amend -m work; git push -q origin work:${newBranch()}`);
    assert.is((await world().gate('ls /tmp/ran /git/app.git/hooks')).stdout, '');
    const nested = await rejected(
      directory,
      `tree=$(printf '100644 blob %s\\tconfig\\n' $(git hash-object -w config) | git mktree)
       top=$(printf '040000 tree %s\\t.git\\n' $tree | git mktree); git push -q origin $(git commit-tree -m x $top):refs/heads/dotgit`,
    );
    assert.match(nested.output, /hasDotgit|fsck error/);
  });

  test('offers no push options and no signed pushes, and takes the push without', async () => {
    const directory = await clone();
    const branch = newBranch();
    const options = await rejected(directory, `echo x >x; ${COMMIT}; git push -q -o ci.skip origin work:${branch}`);
    assert.match(options.output, 'does not support push options');
    const signed = await rejected(directory, `git push -q --signed origin work:${branch}`);
    assert.match(signed.output, 'does not support --signed push');
    await accepted(directory, `git push -q --signed=if-asked origin work:${branch}`);
  });

  test('refuses a push of very many refs without looking at each', async () => {
    const directory = await clone();
    const { output } = await rejected(
      directory,
      `git commit -q --allow-empty -m e; for n in $(seq 3000); do echo "create refs/heads/m/$n HEAD"; done | git update-ref --stdin
       git push -q origin 'refs/heads/m/*:refs/heads/m/*' 2>&1 | grep -v '^ !'; false`,
    );
    assert.match(output, 'git-gate: a push of 3000 refs: push at most 100 at a time');
  });

  test('survives a tree that stands for a billion paths', async () => {
    const trees = `blob=$(echo x | git hash-object -w --stdin); id=$blob; mode='100644 blob'
      for level in 1 2 3 4 5 6 7 8 9; do
        id=$(for n in 0 1 2 3 4 5 6 7 8 9; do printf '%s %s\\t%s\\n' "$mode" $id d$n; done | git mktree); mode='040000 tree'
      done; git push -q origin $(git commit-tree -m bomb $id):refs/heads/bomb`;
    const { output } = await rejected(await clone(), trees);
    assert.match(output, /git-gate: (?:the push is too large to be judged|git could not do its part)/);
    await accepted(await clone(), `echo after >after; ${COMMIT}; git push -q origin work:${newBranch()}`);
  });

  test('refuses a delta that stands for far more than it is, in bounded memory, and goes on serving', async () => {
    // For a memory peak of its own.
    await world().restartGate();
    const directory = await clone();
    // A base of 16 MB and a delta that copies it: 4 bytes a copy.
    const push = (copies: number) => `node -e '
      const { createHash } = require("node:crypto"), { deflateSync } = require("node:zlib");
      const size = (n) => { const out = []; do { out.push((n % 128) | (n >= 128 ? 128 : 0)); n = Math.floor(n / 128); } while (n > 0); return Buffer.from(out); };
      const header = (type, n) => { const out = [(type << 4) | (n % 16)]; n = Math.floor(n / 16); while (n > 0) { out[out.length - 1] |= 128; out.push(n % 128); n = Math.floor(n / 128); } return Buffer.from(out); };
      const base = Buffer.alloc(16777215, 97); const id = createHash("sha1").update("blob " + base.length + "\\0").update(base).digest();
      const copies = Buffer.concat(Array.from({ length: ${copies} }, () => Buffer.from([0xf0, 255, 255, 255])));
      const body = Buffer.concat([size(base.length), size(base.length * ${copies}), copies]);
      const parts = [Buffer.concat([header(3, base.length), deflateSync(base)]), Buffer.concat([header(7, body.length), id, deflateSync(body)])];
      const pack = Buffer.concat([Buffer.from("PACK\\0\\0\\0\\x02\\0\\0\\0\\x02", "latin1"), ...parts]);
      fs.writeFileSync("pack", Buffer.concat([pack, createHash("sha1").update(pack).digest()]));'
      ${RAW_PUSH}raw_push app pack "$zero $(git rev-parse HEAD) refs/heads/delta"`;
    const refs = await world().upstreamRefs();
    // 1.6 GB: git refuses to unpack it, before the hook.
    const { stdout: bomb } = await world().client(`cd ${directory}; ${push(100)}`);
    assert.match(bomb, /unpack (?!ok)/);
    assert.match(bomb, 'ng refs/heads/delta unpacker error');
    // The control, 32 MB: such a pack can be unpacked, and is refused for the objects that no ref leads to.
    const { stdout: small } = await world().client(`cd ${directory}; ${push(2)}`);
    assert.match(small, 'unpack ok');
    assert.match(small, 'ng refs/heads/delta pre-receive hook declined');
    assert.is(await world().upstreamRefs(), refs);
    const { stdout: memory } = await world().gate(`cd /sys/fs/cgroup
      if [ -f memory.peak ]; then cat memory.peak memory.events; else cat memory/memory.max_usage_in_bytes memory/memory.oom_control; fi`);
    assert.match(memory, /^oom_kill 0$/m);
    const peak = Number.parseInt(memory, 10);
    assert.ok(peak > 16 * 2 ** 20 && peak < 768 * 2 ** 20, `a peak of ${peak} bytes, of the 1 GiB there is`);
    // The same daemon: nothing starts it again.
    await accepted(directory, `echo after >after; ${COMMIT}; git push -q origin work:${newBranch()}`);
  });

  test('takes twenty thousand small objects in one push', async () => {
    const directory = await clone();
    // Long names, so that git's list of the objects is longer than a mebibyte.
    const many = `node -e '
      const out = ["commit refs/heads/many\\ncommitter A <a@a.test> 1 +0000\\ndata 1\\nm\\nfrom refs/heads/work\\n"];
      for (let n = 0; n < 20_000; n += 1) { const text = "object " + n; out.push("M 100644 inline d" + (n % 300) + "/an-ordinary-file-" + n + "\\ndata " + text.length + "\\n" + text + "\\n"); }
      process.stdout.write(out.join(""))' | git fast-import --quiet`;
    assert.match(await accepted(directory, `${many}; git push -q origin many:${newBranch()}`), 'scanned 20302 objects');
  });

  test('goes on serving after a client held all connections and started everything at once', async () => {
    const directory = await clone();
    const hold = `node -e '
      const net = require("node:net"); let open = 0;
      for (let n = 0; n < 200; n += 1) {
        const socket = net.connect(9418, process.argv[1], () => { open += 1; if (n % 2) socket.write("0032git-upload-pack /app.git"); });
        socket.on("error", () => {});
      }
      setTimeout(() => { console.log("opened " + open); process.exit(0); }, 8000)' "\${gate#git://}"`;
    const fetches = 'for n in $(seq 24); do git ls-remote -q $gate/app.git >/dev/null 2>&1 & done';
    const { stdout } = await world().client(`cd ${directory}; ${hold} & ${fetches}; wait`);
    assert.match(stdout, /opened (?:[3-9]\d|\d{3})$/m);
    await accepted(directory, `echo after >after; ${COMMIT}; git push -q origin work:${newBranch()}`);
    const events = 'cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null';
    assert.match((await world().gate(events)).stdout, /oom_kill 0/);
  });
});
