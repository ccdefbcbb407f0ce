/** Users, secrets and privileges of the daemons in the real image, with the privileges of a deployed bottle. */

import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { DAEMON_UID, DAEMONS, gitKeyFile, PRIVATE_DIR, SECRET_DIR, SECRET_FILE } from '../../../lib/plan/index.ts';
import type { Suite } from '../../support/suite.ts';
import { bundleSuite, pidIn, policyFile, sha256, startBundle, TOKEN } from './bundle.ts';

/** The tests of what depends on who deployed. */
function ownerTests(test: Suite, owner: number): void {
  test(`four daemons come up with the digests of their files, deployed by uid ${owner}`, async () => {
    const bundle = await startBundle(DAEMONS, owner);
    const report = await bundle.healthy();
    for (const daemon of DAEMONS) {
      assert.is(report.daemons[daemon]?.digest, sha256(policyFile(bundle.state, daemon)), daemon);
    }
  });

  test(`each daemon reads its own secrets and no other's, deployed by uid ${owner}`, async () => {
    const bundle = await startBundle(DAEMONS, owner);
    const report = await bundle.healthy();
    const copies = {
      egress: `${PRIVATE_DIR.egress}/${SECRET_FILE.mitmproxyCa}`,
      pipelock: `${PRIVATE_DIR.pipelock}/${SECRET_FILE.pipelockKey}`,
      'git-gate': `${PRIVATE_DIR['git-gate']}/${gitKeyFile('app')}`,
    };
    for (const reader of DAEMONS) {
      for (const [holder, copy] of Object.entries(copies)) {
        const { code } = await bundle.as(DAEMON_UID[reader], 'cat', copy);
        assert.is(code === 0, reader === holder, `${reader} reads ${copy}`);
      }
      const source = await bundle.as(DAEMON_UID[reader], 'ls', SECRET_DIR.pipelock);
      assert.match(source.text, 'Permission denied');
      for (const daemon of DAEMONS) {
        const { code, text } = await bundle.as(DAEMON_UID[reader], 'cat', `/proc/${pidIn(report, daemon)}/environ`);
        assert.is(code === 0, reader === daemon, `${reader} reads the environment of ${daemon}`);
        if (code === 0) assert.is(text.includes(TOKEN), daemon === 'egress', `the token in ${daemon}`);
      }
      assert.match((await bundle.as(DAEMON_UID[reader], 'cat', '/proc/1/environ')).text, 'Permission denied');
    }
    assert.match((await bundle.as(DAEMON_UID.pipelock, 'stat', '-c', '%a', copies.pipelock)).text, /^600$/);
  });
}

bundleSuite('init in the sidecar image: users', (test) => {
  ownerTests(test, 0);
  ownerTests(test, 1000);

  test('no daemon has a capability, and each has its own user and group', async () => {
    const bundle = await startBundle(DAEMONS, 1000);
    const report = await bundle.healthy();
    for (const daemon of DAEMONS) {
      const { text } = await bundle.as(0, 'cat', `/proc/${pidIn(report, daemon)}/status`);
      const [uid, gid] = [DAEMON_UID[daemon], daemon === 'supervise' ? 1000 : DAEMON_UID[daemon]];
      assert.match(text, new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'), daemon);
      assert.match(text, new RegExp(`^Gid:\\t${gid}\\t${gid}\\t${gid}\\t${gid}$`, 'm'), daemon);
      assert.match(text, /^Groups:\t\s*$/m, daemon);
      for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapAmb']) {
        assert.match(text, new RegExp(`^${set}:\\t0+$`, 'm'), `${daemon} ${set}`);
      }
    }
    const init = (await bundle.as(0, 'cat', '/proc/1/status')).text;
    assert.match(init, /^CapEff:\t00000000000000e0$/m);
  });

  test('no daemon can signal the init or another, or take the place of its health socket', async () => {
    const bundle = await startBundle(DAEMONS, 1000);
    const before = await bundle.healthy();
    const program = `kill -9 1; kill -9 -1; rm -f /run/claude-bottle/health.sock
      : >/run/claude-bottle/x; /usr/local/bin/bundle-health`;
    const { code, text } = await bundle.as(DAEMON_UID.supervise, 'setsid', '-w', 'sh', '-c', program);
    assert.is.not(code, 0);
    assert.not.match(text, '"healthy"');
    const after = await bundle.healthy();
    for (const daemon of ['egress', 'pipelock', 'git-gate'] as const) {
      assert.is(pidIn(after, daemon), pidIn(before, daemon), daemon);
    }
  });

  test('as another user without any capability it runs one daemon, and refuses two', async () => {
    const one = await startBundle(['pipelock'], 12345, 12345);
    const report = await one.healthy();
    assert.equal(Object.keys(report.daemons), ['pipelock']);
    const two = await startBundle(['egress', 'pipelock'], 12345, 12345);
    const { stdout } = await execa('docker', ['wait', two.name]);
    assert.is(stdout, '1');
    const logs = await execa('docker', ['logs', two.name], { all: true });
    assert.match(logs.all, 'uid 12345 cannot keep egress, pipelock apart');
  });

  test('secrets that belong to the uid of a daemon are not given to any', async () => {
    const bundle = await startBundle(['egress', 'pipelock'], DAEMON_UID.egress);
    await sleep(2_000);
    const report = await bundle.health();
    assert.equal(
      Object.values(report.daemons).map(({ up, pid }) => [up, pid]),
      [
        [false, null],
        [false, null],
      ],
    );
    const logs = await execa('docker', ['logs', bundle.name], { all: true });
    assert.match(logs.all, 'belongs to uid 10001, which a daemon runs under');
  });
});
