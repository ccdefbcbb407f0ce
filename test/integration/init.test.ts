/** The init in the real sidecar image, on a real engine, with the real daemons and the privileges of a deployed bottle. */

import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, execaSync } from 'execa';
import * as assert from 'uvu/assert';
import type { HealthReport } from '../../images/sidecars/init/health-report.ts';
import {
  CONFIG_DIR,
  CONFIG_FILE,
  DAEMON_UID,
  DAEMONS,
  type Daemon,
  gitKeyFile,
  PRIVATE_DIR,
  SECRET_DIR,
  SECRET_FILE,
} from '../../lib/plan/index.ts';
import { suite } from '../support/suite.ts';
import { removeContainers, setUp, startBundle, TOKEN, tearDown } from './init-bundle.ts';

const test = suite('init in the sidecar image', { timeoutMs: 600_000 });

const pidIn = (report: HealthReport, daemon: Daemon): number => report.daemons[daemon]?.pid ?? 0;
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
/** The file on the host that is mounted as a daemon's policy. */
const policyFile = (state: string, daemon: Daemon): string =>
  join(state, daemon, CONFIG_FILE[daemon].slice(CONFIG_DIR[daemon].length + 1));

/** The tests proper; `owner` is who deployed. */
function bundleTests(owner: number): void {
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

function privilegeTests(): void {
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

  test('a killed daemon comes back, its siblings keep their pids, and no zombie stays', async () => {
    const bundle = await startBundle(DAEMONS, 0);
    const before = await bundle.healthy();
    const orphans = 'for i in 1 2 3 4 5 6 7 8 9; do (setsid sleep 0.2 &); done';
    await bundle.as(DAEMON_UID.supervise, 'sh', '-c', orphans);
    await bundle.as(0, 'sh', '-c', `kill -9 ${pidIn(before, 'egress')}`);
    await sleep(1_000);
    const after = await bundle.healthy();
    assert.is.not(pidIn(after, 'egress'), pidIn(before, 'egress'));
    for (const daemon of ['pipelock', 'git-gate', 'supervise'] as const) {
      assert.is(pidIn(after, daemon), pidIn(before, daemon), daemon);
    }
    const { text } = await bundle.as(0, 'sh', '-c', 'cat /proc/[0-9]*/stat');
    assert.match(text, /\(mitmdump\) S/);
    assert.not.match(text, /\) Z /);
  });
}

function signalTests(): void {
  test('SIGUSR1 restarts pipelock alone; SIGHUP makes a changed allowlist the policy that runs', async () => {
    const bundle = await startBundle(DAEMONS, 1000);
    const before = await bundle.healthy();
    await bundle.signal('USR1');
    await sleep(300);
    const after = await bundle.healthy();
    assert.is.not(pidIn(after, 'pipelock'), pidIn(before, 'pipelock'));
    for (const daemon of ['egress', 'git-gate', 'supervise'] as const) {
      assert.is(pidIn(after, daemon), pidIn(before, daemon), daemon);
    }
    for (const daemon of ['egress', 'pipelock'] as const) {
      const file = policyFile(bundle.state, daemon);
      writeFileSync(`${file}.new`, readFileSync(file, 'utf8').replace('docs.example.org', 'other.example.org'));
      renameSync(`${file}.new`, file);
    }
    await bundle.signal('HUP');
    await sleep(1_000);
    const changed = await bundle.healthy();
    for (const daemon of ['egress', 'pipelock'] as const) {
      assert.is(changed.daemons[daemon]?.digest, sha256(policyFile(bundle.state, daemon)), daemon);
      assert.is.not(changed.daemons[daemon]?.digest, after.daemons[daemon]?.digest, daemon);
      assert.is(pidIn(changed, daemon), pidIn(after, daemon), daemon);
    }
  });

  test('docker stop ends it well within the grace, with code 0', async () => {
    const bundle = await startBundle(DAEMONS, 1000);
    await bundle.healthy();
    const asked = Date.now();
    await execa('docker', ['stop', '--time', '10', bundle.name]);
    assert.ok(Date.now() - asked < 8_000, `took ${Date.now() - asked} ms`);
    const { stdout } = await execa('docker', ['inspect', '--format', '{{.State.ExitCode}}', bundle.name]);
    assert.is(stdout, '0');
    const logs = await execa('docker', ['logs', bundle.name], { all: true });
    assert.match(logs.all, '[init] every daemon has ended; exit code 0');
    assert.not.match(logs.all, TOKEN);
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
}

function outputTests(): void {
  test('what a slow reader of its stdout has not read when it ends is not lost', async () => {
    // One daemon, which prints while nobody reads, and then asks the init, of its own user here, to end.
    const text = `require('node:child_process').spawnSync('seq', ['1', '30000'], { stdio: 'inherit' });
      require('node:fs').writeFileSync('/tmp/written', '');
      process.kill(process.ppid, 'SIGTERM');
      setInterval(() => {}, 1000);`;
    const slowReader = '{ until [ -e /tmp/written ]; do sleep 0.05; done; sleep 0.5; cat; }';
    const bundle = await startBundle(['supervise'], 12345, 12345, {
      shell: `tini -s -- node /opt/claude-bottle/init.cjs | ${slowReader}`,
      file: { path: '/opt/claude-bottle/supervise.cjs', text },
    });
    await execa('docker', ['wait', bundle.name]);
    const { stdout } = await execa('docker', ['logs', bundle.name]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('[supervise] '));
    assert.is(
      lines.findIndex((line, position) => line !== `[supervise] ${position + 1}`),
      -1,
    );
    assert.is(lines.length, 30_000);
    assert.match(stdout, '[init] every daemon has ended; exit code 0');
  });
}

/** Why this machine cannot run them; undefined where it can. */
function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can make the files of several owners that these tests mount';
  const engine = execaSync('docker', ['version'], { reject: false });
  return engine.exitCode === 0 ? undefined : 'no container engine answers';
}

const reason = obstacle();
if (reason === undefined) {
  test.before(setUp);
  test.afterEach(removeContainers);
  test.after(tearDown);
  bundleTests(0);
  bundleTests(1000);
  privilegeTests();
  signalTests();
  outputTests();
} else {
  test.skip('everything', reason);
}

test.run();
