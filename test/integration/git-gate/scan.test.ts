/** git-gate scanning: no secret leaves, wherever it is, whatever gitleaks does. */

import * as assert from 'uvu/assert';
import { HIDING_PLACES } from './hiding-places.ts';
import { COMMIT, pushSuite } from './pushes.ts';
import { awsKeyId, githubToken } from './secrets.ts';

await pushSuite('git-gate scan', (test, { clone, newBranch, rejected, world }) => {
  for (const {
    name,
    script,
    names,
    refspec = 'work',
    secret: make = githubToken,
    rule = 'github-pat',
  } of HIDING_PLACES) {
    test(`rejects a secret in ${name}, before the upstream hears of the push`, async () => {
      const directory = await clone();
      const secret = make();
      const { output, connections } = await rejected(
        directory,
        `secret=${secret}\n${script}\ngit push -q origin "${refspec}"`,
      );
      assert.match(output, `git-gate: secret found by rule ${rule}`);
      assert.match(output, names);
      assert.is(connections, 0, 'sshd saw a connection');
      const pushed = output.replaceAll(/^To .*$|^ ! .*$|^error: failed to push.*$/gm, '');
      assert.not.match(pushed, secret.slice(4), 'the value was shown');
      assert.not.match(await world().gateLog(), secret.slice(4), 'the value was logged');
    });
  }

  test('names each file with a secret, and keeps no object of a rejected push', async () => {
    const directory = await clone();
    const { output } = await rejected(
      directory,
      `echo ${awsKeyId()} >one; echo ${githubToken()} >two; ssh-keygen -q -t rsa -b 4096 -N "" -f three
       ${COMMIT}; git rev-parse HEAD; git push -q origin work`,
    );
    assert.match(output, /aws-access-token in one line 1/);
    assert.match(output, /github-pat in two line 1/);
    assert.match(output, /private-key in three line 1/);
    const id = output.slice(0, 40);
    const { exitCode } = await world().gate(`cd /git/app.git && git cat-file -e ${id}`);
    assert.is(exitCode, 1, 'the rejected commit is in the mirror');
    const left = await world().gate(
      'ls -d /git/app.git/objects/tmp_objdir* /git/app.git/objects/incoming* 2>/dev/null',
    );
    assert.is(left.stdout, '');
  });

  test('finds each of ten thousand secrets in one file, so none is lost where the scanner cuts its input', async () => {
    const write = `node -e '
      const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
      const token = () => "ghp_" + Array.from({ length: 36 }, () => letters[crypto.randomInt(62)]).join("");
      fs.writeFileSync("f", Array.from({ length: 10_000 }, token).join("\\n"))'`;
    const { output } = await rejected(await clone(), `${write}; ${COMMIT}; git push -q origin work`);
    assert.match(output, 'and 9980 more findings');
  });

  test('scans all history of a push into a mirror that was never fetched, before the upstream hears of it', async () => {
    const script = `git init -q; echo ${githubToken()} >a; ${COMMIT}; echo b >b; ${COMMIT}`;
    const { output, connections } = await rejected('$(mktemp -d)', `${script}; git push -q $gate/absent.git HEAD:x`);
    assert.match(output, 'secret found by rule github-pat in a line 1');
    assert.is(connections, 0);
  });

  test('logs a rejection so that a program can read it, without the value', async () => {
    const directory = await clone();
    const secret = githubToken();
    const { stdout } = await world().client(
      `cd ${directory}; echo clean >a; mkdir d; printf 'x\n${secret}\n' >d/f; ${COMMIT}; git rev-parse HEAD; git push -q origin work || true`,
    );
    const log = await world().gateLog();
    const line =
      log
        .split('\n')
        .filter((text) => text.includes('"event":"push"'))
        .at(-1) ?? '';
    const { time, ms, ...event } = JSON.parse(line) as Record<string, unknown>;
    assert.type(ms, 'number');
    assert.ok(Date.parse(String(time)) > 0);
    const commit = stdout.trim();
    assert.equal(event, {
      event: 'push',
      remote: 'app',
      verdict: 'rejected',
      refs: 1,
      stage: 'scan',
      reason: 'secret',
      rules: ['github-pat'],
      findings: [{ rule: 'github-pat', in: 'file', file: 'd/f', line: 2, commit }],
      count: 1,
      refused: [],
    });
    assert.not.match(log, secret);
  });

  const broken = {
    'cannot be run': { body: '', says: 'gitleaks: cannot run' },
    crashes: { body: '#!/bin/sh\ncat >/dev/null\nexit 2\n', says: 'gitleaks failed with exit code 2' },
    'is killed': { body: '#!/bin/sh\nkill -9 $$\n', says: 'gitleaks: ended by SIGKILL' },
    'finds nothing': { body: "#!/bin/sh\ncat >/dev/null\necho '[]'\n", says: 'did not find the canary' },
    'claims findings without the canary': {
      body: "#!/bin/sh\ncat >/dev/null\necho '[]'\nexit 77\n",
      says: 'did not find the canary',
    },
    'reads only the beginning': {
      body: '#!/bin/sh\nread -r x\necho \'[{"RuleID":"github-pat","StartLine":1,"EndLine":1}]\'\nexit 77\n',
      says: 'did not find the canary',
    },
    'writes no report': {
      body: '#!/bin/sh\ncat >/dev/null\necho oops\nexit 77\n',
      says: 'report of gitleaks cannot be read',
    },
  };
  test('rejects every push when gitleaks hangs, once its time is over', async () => {
    const hanging = world().replacing('/usr/bin/gitleaks', '#!/bin/sh\nexec sleep 600\n');
    await world().restartGate('--env=GIT_GATE_SCAN_SECONDS=3', ...hanging);
    const { output, connections } = await rejected(
      await clone(),
      `echo x >x; ${COMMIT}; git push -q origin work:${newBranch()}`,
    );
    assert.match(output, /git-gate: the push could not be scanned: gitleaks: no end after [0-9.]+ s/);
    assert.is(connections, 0);
    assert.not.match((await world().gate('cat /proc/[0-9]*/cmdline | tr "\\0" " "')).stdout, 'sleep 600');
  });

  for (const [what, { body, says }] of Object.entries(broken)) {
    test(`rejects every push when gitleaks ${what}`, async () => {
      await world().restartGate(...world().replacing('/usr/bin/gitleaks', body));
      const { output, connections } = await rejected(
        await clone(),
        `echo x >x; ${COMMIT}; git push -q origin work:${newBranch()}`,
      );
      assert.match(output, 'git-gate: the push could not be scanned: ');
      assert.match(output, says);
      assert.is(connections, 0);
    });
  }
});
