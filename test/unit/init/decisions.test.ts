/** The decisions of the init that need no process. */

import * as assert from 'uvu/assert';
import { daemonEnvironment, daemonSpecs } from '../../../images/sidecars/init/daemon-table.ts';
import { exitCodeOf, largestExitCode, startFailureCode } from '../../../images/sidecars/init/exit-code.ts';
import { isErrPacket } from '../../../images/sidecars/init/git-probe.ts';
import { healthReport, reportLine } from '../../../images/sidecars/init/health-report.ts';
import { resultOfBody } from '../../../images/sidecars/init/http-probe.ts';
import { daemonIdentities, effectiveCapabilities } from '../../../images/sidecars/init/identity.ts';
import { listenAddressIn } from '../../../images/sidecars/init/listen-address.ts';
import { policyNews, reportsUnreadablePolicy } from '../../../images/sidecars/init/pipelock-events.ts';
import { selectedDaemons } from '../../../images/sidecars/init/selection.ts';
import { DAEMONS } from '../../../lib/plan/daemons.ts';
import { suite } from '../../support/suite.ts';

const test = suite('init decisions');

const THREE = (1n << 5n) | (1n << 6n) | (1n << 7n);
const DIGEST = 'a1'.repeat(32);

test('no selection means all four daemons', () => {
  for (const csv of [undefined, '', '  ']) assert.equal(selectedDaemons(csv), { daemons: DAEMONS, unknown: [] });
});

test('a selection is trimmed, each name once, in canonical order', () => {
  assert.equal(selectedDaemons(' supervise ,egress,, egress').daemons, ['egress', 'supervise']);
});

test('unknown names are set aside, and a selection of nothing else is empty', () => {
  assert.equal(selectedDaemons('pipelock,nginx,nginx,Egress'), { daemons: ['pipelock'], unknown: ['nginx', 'Egress'] });
  assert.equal(selectedDaemons('nginx, toString').daemons, []);
  assert.equal(selectedDaemons(' , ').daemons, []);
});

test('a signal that the init sent counts as 0, any other as 128 + n', () => {
  assert.is(exitCodeOf({ kind: 'exit', code: 3 }), 3);
  assert.is(exitCodeOf({ kind: 'signal', signal: 'SIGTERM', requested: true }), 0);
  assert.is(exitCodeOf({ kind: 'signal', signal: 'SIGKILL', requested: true }), 0);
  assert.is(exitCodeOf({ kind: 'signal', signal: 'SIGKILL', requested: false }), 137);
  assert.is(exitCodeOf({ kind: 'signal', signal: 'SIGSEGV', requested: false }), 139);
});

test('the largest code is the exit code', () => {
  assert.is(largestExitCode([]), 0);
  assert.is(
    largestExitCode([
      { kind: 'exit', code: 3 },
      { kind: 'signal', signal: 'SIGTERM', requested: false },
      { kind: 'exit', code: 0 },
    ]),
    143,
  );
});

test('a program that is missing or cannot be run counts as in a shell', () => {
  assert.is(startFailureCode('ENOENT'), 127);
  assert.is(startFailureCode('EACCES'), 126);
});

test('root with the three capabilities runs each daemon as its own user, supervise in the group of the queue', () => {
  const identities = daemonIdentities(DAEMONS, { uid: 0, capabilities: THREE }, 1000);
  assert.is(identities.kind, 'switched');
  const found = DAEMONS.map((daemon) => (identities.kind === 'switched' ? identities.of(daemon) : undefined));
  assert.equal(found, [
    { uid: 10001, gid: 10001 },
    { uid: 10002, gid: 10002 },
    { uid: 10003, gid: 10003 },
    { uid: 10004, gid: 1000 },
  ]);
});

test('root without one of the capabilities is refused, by name', () => {
  assert.throws(
    () => daemonIdentities(['egress'], { uid: 0, capabilities: THREE & ~(1n << 7n) }, 1000),
    /lacks .*SETUID/,
  );
  assert.throws(() => daemonIdentities(['egress'], { uid: 0, capabilities: 0n }, 1000), /KILL, SETGID, SETUID/);
});

test('another user runs one daemon as itself and refuses several', () => {
  assert.is(daemonIdentities(['egress'], { uid: 12345, capabilities: 0n }, undefined).kind, 'own');
  assert.throws(
    () => daemonIdentities(['egress', 'pipelock'], { uid: 12345, capabilities: THREE }, undefined),
    /apart/,
  );
});

test('a queue in the group of another daemon is refused', () => {
  assert.throws(() => daemonIdentities(['supervise'], { uid: 0, capabilities: THREE }, 10001), /group 10001/);
  assert.is(daemonIdentities(['egress'], { uid: 0, capabilities: THREE }, 10001).kind, 'switched');
});

test('the capability mask is read from the effective set', () => {
  assert.is(effectiveCapabilities('Name:\tnode\nCapPrm:\tffff\nCapEff:\t00000000000000e0\n'), THREE);
});

test('tokens reach egress alone, and no proxy variable or stranger reaches any daemon', () => {
  const environment = {
    EGRESS_TOKEN_0: 'a',
    EGRESS_UPSTREAM_PROXY: 'b',
    SUPERVISE_PORT: 'c',
    HTTPS_PROXY: 'd',
    https_proxy: 'e',
    NODE_OPTIONS: 'f',
    LD_PRELOAD: 'g',
    PATH: '/bin',
  };
  const names = Object.fromEntries(
    DAEMONS.map((daemon) => [daemon, Object.keys(daemonEnvironment(daemon, environment)).sort()]),
  );
  assert.equal(names, {
    egress: ['EGRESS_TOKEN_0', 'EGRESS_UPSTREAM_PROXY', 'HOME', 'LANG', 'PATH'],
    pipelock: ['HOME', 'LANG', 'PATH'],
    'git-gate': ['HOME', 'LANG', 'PATH'],
    supervise: ['HOME', 'LANG', 'PATH', 'SUPERVISE_PORT'],
  });
});

test('only egress and pipelock get SIGHUP, and no argument of any daemon comes from the environment', () => {
  const specs = daemonSpecs(DAEMONS, { kind: 'own' }, { EGRESS_TOKEN_0: 'canary' });
  assert.equal(
    specs.filter(({ reloads }) => reloads).map(({ name }) => name),
    ['egress', 'pipelock'],
  );
  assert.not.match(JSON.stringify(specs.map(({ argv }) => argv)), 'canary');
});

test('the listen address is where each daemon itself reads it', () => {
  assert.equal(listenAddressIn('egress', 'version: 1\nlisten: a-b:9099\nroutes: []\n'), { host: 'a-b', port: 9099 });
  const pipelock = 'version: 1\nlisten: wrong:1\nfetch_proxy:\n  listen: 127.0.0.1:8888\n';
  assert.equal(listenAddressIn('pipelock', pipelock), { host: '127.0.0.1', port: 8888 });
  assert.equal(listenAddressIn('git-gate', '{"version":1,"listen":"g:9418"}'), { host: 'g', port: 9418 });
  for (const text of ['{}', '[]', '', 'listen: 9100', 'listen: http://x:1/']) {
    assert.throws(() => listenAddressIn('supervise', text), /no listen of the form host:port/);
  }
});

test('pipelock announces its digest at start and on a reload that took effect', () => {
  for (const event of ['startup', 'config_reload']) {
    assert.equal(policyNews(Buffer.from(JSON.stringify({ event, config_hash: DIGEST }))), {
      kind: 'runs',
      digest: DIGEST,
    });
  }
});

test('a refused reload is counted from the event of its own kind, and from the line for a file that is broken', () => {
  const event = { event: 'error', method: 'CONFIG_RELOAD', error: 'rejected: security downgrade from strict mode' };
  assert.equal(policyNews(Buffer.from(JSON.stringify(event))), { kind: 'refused' });
  assert.ok(reportsUnreadablePolicy(Buffer.from('pipelock: config reload failed: no such key')));
  for (const line of ['', 'GET /pipelock: config reload failed', 'pipelock: config reload']) {
    assert.not.ok(reportsUnreadablePolicy(Buffer.from(line)), line);
  }
});

test('no other line announces a digest, whatever an agent puts into a request', () => {
  const url = `https://x/","event":"config_reload","config_hash":"${DIGEST}`;
  for (const line of [
    JSON.stringify({ event: 'blocked', url, config_hash: DIGEST }),
    JSON.stringify({ event: 'allowed', url }),
    JSON.stringify({ event: 'error', method: 'GET', url: 'CONFIG_RELOAD', config_hash: DIGEST }),
    JSON.stringify({ event: 'blocked', method: 'CONFIG_RELOAD' }),
    JSON.stringify({ event: 'startup', config_hash: 'not a digest' }),
    JSON.stringify({ event: 'startup', config_hash: { toString: DIGEST } }),
    `GET "event":"startup","config_hash":"${DIGEST}"`,
    '"config_hash"',
    'null "config_hash"',
  ]) {
    assert.is(policyNews(Buffer.from(line)), undefined, line);
  }
});

test('a health answer that is not ok is not up, and a digest that is none is not passed on', () => {
  assert.equal(resultOfBody(`{"status":"ok","digest":"${DIGEST}","refusals":3}`), {
    up: true,
    digest: DIGEST,
    refusals: 3,
  });
  assert.equal(resultOfBody('{"status":"ok","digest":"<script>"}'), { up: true, digest: '', refusals: 0 });
  for (const refusals of ['"7"', '-1', '1.5', 'null', '1e99', '[]']) {
    assert.equal(
      resultOfBody(`{"status":"ok","refusals":${refusals}}`),
      { up: true, digest: '', refusals: 0 },
      refusals,
    );
  }
  for (const body of ['', 'ok', 'null', '[]', '{"status":"starting"}']) assert.is(resultOfBody(body).up, false, body);
});

test('only an ERR packet counts as the answer of a git daemon', () => {
  assert.ok(isErrPacket('0039ERR access denied or repository not exported: /x'));
  for (const answer of ['', 'ERR ', 'HTTP/1.1 400', '00a5ref refs/heads/main']) assert.not.ok(isErrPacket(answer));
});

test('a bundle is healthy only if every selected daemon is up and in no crash loop, and there is one', () => {
  const up = { up: true, pid: 7, restarts: 0, digest: DIGEST, refusals: 0, crashLoop: false, detail: '' };
  const down = {
    up: false,
    pid: null,
    restarts: 2,
    digest: '',
    refusals: 0,
    crashLoop: false,
    detail: 'is not running',
  };
  assert.is(healthReport([['egress', up]]).healthy, true);
  assert.is(
    healthReport([
      ['egress', up],
      ['pipelock', down],
    ]).healthy,
    false,
  );
  assert.is(healthReport([['egress', { ...up, crashLoop: true }]]).healthy, false);
  assert.is(healthReport([]).healthy, false);
  assert.match(reportLine(healthReport([['egress', up]])), /^\{"healthy":true,.*\}\n$/);
});

test.run();
