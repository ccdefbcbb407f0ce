/** Reloads, restarts in place and the waiting for digests in the real image, with the real daemons. */

import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { DAEMONS } from '../../../lib/plan/index.ts';
import { bundleSuite, changePolicy, pidIn, policyFile, sha256, startBundle } from './bundle.ts';

const otherHost = (text: string): string => text.replace('docs.example.org', 'other.example.org');

bundleSuite('init in the sidecar image: policy', (test) => {
  test('SIGUSR1 restarts pipelock alone; SIGHUP makes a changed allowlist the policy that runs', async () => {
    const bundle = await startBundle(DAEMONS, 1000);
    const before = await bundle.healthy();
    await bundle.signal('USR1');
    const after = await bundle.until(
      'a new pipelock',
      (report) => report.healthy && pidIn(report, 'pipelock') !== pidIn(before, 'pipelock'),
    );
    for (const daemon of ['egress', 'git-gate', 'supervise'] as const) {
      assert.is(pidIn(after, daemon), pidIn(before, daemon), daemon);
    }
    const digests = (['egress', 'pipelock'] as const).map(
      (daemon) => [daemon, changePolicy(bundle.state, daemon, otherHost)] as const,
    );
    await bundle.signal('HUP');
    const changed = await bundle.until('the new digests', ({ daemons }) =>
      digests.every(([daemon, digest]) => daemons[daemon]?.digest === digest),
    );
    for (const [daemon] of digests) assert.is(pidIn(changed, daemon), pidIn(after, daemon), daemon);
  });

  test('SIGHUP while egress and pipelock start neither kills them nor is forgotten', async () => {
    const bundle = await startBundle(DAEMONS, 0);
    await bundle.until('two pids', (report) => pidIn(report, 'egress') > 0 && pidIn(report, 'pipelock') > 0);
    const digests = (['egress', 'pipelock'] as const).map(
      (daemon) => [daemon, changePolicy(bundle.state, daemon, otherHost)] as const,
    );
    for (let n = 0; n < 5; n += 1) await bundle.signal('HUP');
    const report = await bundle.healthy();
    for (const daemon of ['egress', 'pipelock']) assert.is(report.daemons[daemon]?.restarts, 0, daemon);
    await bundle.until('the new digests', ({ daemons }) =>
      digests.every(([daemon, digest]) => daemons[daemon]?.digest === digest),
    );
  });

  test('a storm of SIGUSR1 is a few restarts of pipelock, which then serves; its siblings keep their pids', async () => {
    const bundle = await startBundle(DAEMONS, 0);
    const before = await bundle.healthy();
    const storm = 'my $end = time + 2; while (time < $end) { kill "USR1", 1; $n++; select undef, undef, undef, 0.001 }';
    await bundle.as(0, 'perl', '-e', storm);
    await sleep(1_500);
    const after = await bundle.healthy();
    const restarts = after.daemons['pipelock']?.restarts ?? 0;
    assert.ok(restarts >= 1 && restarts <= 6, `${restarts} restarts`);
    assert.is(after.daemons['pipelock']?.crashLoop, false);
    for (const daemon of ['egress', 'git-gate', 'supervise'] as const) {
      assert.is(pidIn(after, daemon), pidIn(before, daemon), daemon);
    }
  });

  test('bundle-health --reload ends with 0 when egress and pipelock run the new files, by their own word', async () => {
    const bundle = await startBundle(DAEMONS, 1000);
    const before = await bundle.healthy();
    for (const host of ['one.example.org', 'two.example.org']) {
      const args = (['pipelock', 'egress'] as const).flatMap((daemon) => {
        const change = (text: string): string => text.replace(/(?:docs|one)\.example\.org/, host);
        return ['--await', `${daemon}=${changePolicy(bundle.state, daemon, change)}`];
      });
      const { code, report } = await bundle.ask('--reload', ...args, '--within', '20');
      assert.is(code, 0, JSON.stringify(report));
      for (const daemon of ['egress', 'pipelock'] as const) {
        assert.is(report.daemons[daemon]?.digest, sha256(policyFile(bundle.state, daemon)));
        assert.is(pidIn(report, daemon), pidIn(before, daemon));
      }
    }
  });

  test('a reload that pipelock refuses as a downgrade ends the wait with 3, and a restart in place takes it', async () => {
    const bundle = await startBundle(['pipelock'], 1000);
    await bundle.healthy();
    const old = sha256(policyFile(bundle.state, 'pipelock'));
    const wider = (text: string): string =>
      text.replace('passthrough_domains:\n', 'passthrough_domains:\n    - docs.example.org\n');
    const digest = changePolicy(bundle.state, 'pipelock', wider);
    assert.is.not(digest, old);
    const refused = await bundle.ask('--reload', '--await', `pipelock=${digest}`, '--within', '20');
    assert.is(refused.code, 3, JSON.stringify(refused.report));
    assert.is(refused.report.daemons['pipelock']?.digest, old);
    assert.ok((refused.report.daemons['pipelock']?.refusals ?? 0) > 0);
    const taken = await bundle.ask('--restart-pipelock', '--await', `pipelock=${digest}`, '--within', '20');
    assert.is(taken.code, 0, JSON.stringify(taken.report));
    assert.is(taken.report.daemons['pipelock']?.refusals, 0);
  });

  test('a file that is no policy ends the wait with 3, and the old policy runs on', async () => {
    const bundle = await startBundle(['pipelock'], 1000);
    await bundle.healthy();
    const old = sha256(policyFile(bundle.state, 'pipelock'));
    const digest = changePolicy(bundle.state, 'pipelock', (text) => `${text}no_such_key: true\n`);
    const { code, report } = await bundle.ask('--reload', '--await', `pipelock=${digest}`, '--within', '20');
    assert.equal([code, report.daemons['pipelock']?.digest], [3, old]);
  });

  test('a digest that nothing on disk has ends the wait with 4', async () => {
    const bundle = await startBundle(['pipelock'], 0);
    await bundle.healthy();
    const { code } = await bundle.ask('--reload', '--await', `pipelock=${'0'.repeat(64)}`, '--within', '1');
    assert.is(code, 4);
    assert.is((await bundle.ask('--await', `egress=${'0'.repeat(64)}`)).code, 2);
  });
});
