/** Live changes of a real bottle's policy: judged by what arrives outside, and by what the daemons say that they run. */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { docker as dockerCommand } from '../../examples/demo/internet/docker.ts';
import { typescriptArgv } from '../../examples/demo/typescript.ts';
import { verifyAudit } from '../../lib/operate/audit/index.ts';
import { suite } from '../support/suite.ts';
import { AGENT, close, failure, type LivePart, open, openLivePart, SLUG } from './allow/stage.ts';
import { type SmallDisk, smallDisk } from './allow/tmpfs.ts';

const test = suite('live changes of a running bottle', { timeoutMs: 600_000 });

const UNLISTED = 'unlisted.test';
const opened: LivePart[] = [];
const disks: SmallDisk[] = [];
const disk = await smallDisk('96m');
const tmp = process.env['TMPDIR'];

const part = (): LivePart => {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
};

test.before(async () => {
  if (typeof disk !== 'string') {
    disks.push(disk);
    // The stage, state directory included, lies on the small disk.
    process.env['TMPDIR'] = disk.directory;
  }
  opened.push(await openLivePart('203.0.113.192/26'));
});
test.after(async () => {
  for (const one of opened) await one.stage.close();
  if (tmp === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = tmp;
  for (const one of disks) await one.unmount();
});

/** Whatever a test leaves, the next one begins with the declared policy. */
test.beforeEach(async () => {
  const grants = part().grants();
  if (grants.length > 0 || existsSync(part().state('.change'))) {
    await part().apply(grants.map(({ kind, host }) => (kind === 'open' ? close(host) : open(host))));
  }
});

/** The files, the grants and both daemons agree, nothing is under way, and the audit log is whole. */
async function assertSettled(): Promise<void> {
  const { files, runs } = await part().digests();
  assert.equal(runs, files);
  assert.not(existsSync(part().state('.change')));
  assert.equal(verifyAudit(part().state()).problems, []);
}

async function assertUnlisted(how: 'open' | 'closed'): Promise<void> {
  const { status, arrived } = await part().request('unlisted');
  assert.equal({ status, arrived }, how === 'open' ? { status: 200, arrived: true } : { status: 403, arrived: false });
}

const identities = (): Promise<readonly string[]> =>
  Promise.all(
    [AGENT, part().stage.sidecar('egress')].map((name) =>
      dockerCommand(['inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name]),
    ),
  );

test('a host that is allowed is reached at once, and refused again at once when it is removed', async () => {
  await assertUnlisted('closed');
  const before = await identities();
  const allowed = await part().stage.bottle('allow', SLUG, UNLISTED, '--why', 'the docs', '--json');
  assert.is(allowed.exitCode, 0, allowed.stderr);
  const result = JSON.parse(allowed.stdout);
  assert.equal(result.opens, [`${UNLISTED}: any method on any path`]);
  assert.equal(result.after, (await part().digests()).runs);
  await assertUnlisted('open');
  assert.is((await part().request('allowed', '/v1/x')).status, 200);

  const removed = await part().stage.bottle('allow', SLUG, UNLISTED, '--remove');
  assert.is(removed.exitCode, 0, removed.stderr);
  await assertUnlisted('closed');
  assert.is((await part().request('allowed', '/v1/x')).status, 200, 'the declared host was never touched');
  assert.equal(await identities(), before);
  await assertSettled();
  const [first, second] = part().audit();
  assert.ok(first?.kind === 'change' && first.why === 'the docs' && first.outcome === 'applied');
  assert.match(first.diff ?? '', /^\+ {2}- host: unlisted\.test$/m);
  assert.is(first.diff, result.diff);
  assert.equal(second?.kind === 'change' && second.before, first.after);
});

test('the verb shows what is open, previews a change, and needs no project', async () => {
  const bottle = (...args: string[]) => {
    const [node, ...rest] = [...typescriptArgv(join(import.meta.dirname, '../../bin/bottle.ts')), ...args] as const;
    return execa(node, rest, { cwd: '/', env: { ...part().stage.env }, reject: false });
  };
  const before = await part().digests();
  const preview = await bottle('allow', SLUG, UNLISTED, '--method', 'GET', '--expires', '2h', '--dry-run');
  assert.is(preview.exitCode, 0, preview.stderr);
  assert.match(preview.stdout, /^ {2}\+ unlisted\.test: GET on any path, until 20/m);
  assert.match(preview.stdout, /^\+ {2}- host: unlisted\.test$/m);
  assert.equal(await part().digests(), before);
  const shown = await bottle('allow', SLUG, '--show');
  assert.match(shown.stdout, /^api\.allowed\.test +GET below \/v1\/, with the credential DEMO_API_TOKEN +declared$/m);
  assert.not.match(shown.stdout + preview.stdout, new RegExp(part().stage.token));
});

test('what nobody may open is refused by name, and nothing changes', async () => {
  const before = await part().digests();
  for (const host of ['169.254.169.254', 'localhost', '10.0.0.1', '0x7f.1', '*.com', 'egress', 'Docs.example.com']) {
    const refused = await part().stage.bottle('allow', SLUG, host, '--json');
    assert.is(refused.exitCode, 2, host);
    const { error } = JSON.parse(refused.stdout);
    assert.is(error.code, 'allow/invalid-host', host);
    assert.ok(error.fix.length > 0);
  }
  assert.equal(await part().digests(), before);
});

test('a bottle that was never deployed, or whose sidecars do not run, says so', async () => {
  const none = await part().stage.bottle('allow', 'nothing-here', UNLISTED, '--json');
  assert.is(JSON.parse(none.stdout).error.code, 'operate/not-deployed');
  const sidecars = part().stage.sidecar('egress');
  await dockerCommand(['stop', '--time', '10', sidecars]);
  try {
    assert.is((await failure(part().apply([open(UNLISTED)]))).code, 'operate/not-running');
    assert.equal(part().grants(), []);
  } finally {
    await part().stage.deploy();
  }
  await assertSettled();
});

test('the sidecars going away in the middle leave the old policy in place', async () => {
  const sidecars = part().stage.sidecar('egress');
  const { docker } = part();
  const vanishing: typeof docker = {
    ...docker,
    attempt: async (args, options) => {
      if (args[0] === 'exec') await dockerCommand(['stop', '--time', '0', sidecars]);
      return docker.attempt(args, options);
    },
  };
  try {
    const error = await failure(part().apply([open(UNLISTED)], { docker: vanishing }));
    assert.is(error.code, 'operate/not-running');
    assert.match(error.message, /old policy is in place/);
  } finally {
    await part().stage.deploy();
  }
  assert.equal(part().grants(), []);
  await assertUnlisted('closed');
  await assertSettled();
});

/** A declared policy that a daemon will not take, for the time of `work`. */
async function withDeclared(path: string, change: (text: string) => string, work: () => Promise<void>): Promise<void> {
  const file = part().state('declared', path);
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, change(good));
  try {
    await work();
  } finally {
    writeFileSync(file, good);
  }
}

test('a table that egress refuses is taken back, the old one runs on, and the audit log says refused', async () => {
  const before = await part().digests();
  await withDeclared(
    'egress/routes.yaml',
    (text) => text.replace('version: 1', 'version: 99'),
    async () => {
      const error = await failure(part().apply([open(UNLISTED)]));
      assert.is(error.code, 'apply/refused');
      assert.match(error.message, /^egress refused the policy; the old policy is in force$/);
    },
  );
  assert.equal(await part().digests(), before);
  const last = part().audit().at(-1);
  assert.ok(last?.kind === 'change' && last.outcome === 'refused');
  assert.is((await part().request('allowed', '/v1/x')).status, 200);
  await assertUnlisted('closed');
  await assertSettled();
});

test('a file on which pipelock does not come up again is taken back, and traffic flows as before', async () => {
  await withDeclared(
    'pipelock/pipelock.yaml',
    (text) => `${text}no_such_key: true\n`,
    async () => {
      const error = await failure(part().apply([open(UNLISTED)], { acknowledgeMs: 20_000 }));
      assert.match(error.message, /^pipelock .*; the old policy is in force$/);
    },
  );
  assert.is((await part().request('allowed', '/v1/x')).status, 200);
  await assertUnlisted('closed');
  await assertSettled();
});

/** Process ids of the daemons, also while the bundle counts as unhealthy because one of them has just been in a crash loop. */
async function pids(): Promise<Readonly<Record<string, number>>> {
  const { stdout } = await part().docker.attempt([
    'exec',
    part().stage.sidecar('egress'),
    '/usr/local/bin/bundle-health',
  ]);
  const report = JSON.parse(stdout) as { daemons: Record<string, { pid: number }> };
  return Object.fromEntries(Object.entries(report.daemons).map(([name, { pid }]) => [name, pid]));
}

test('a change that strict mode refuses to reload restarts pipelock alone, and says so', async () => {
  const before = await pids();
  const applied = await part().apply([open('models.allowed.test', { tlsPassthrough: true })]);
  assert.is(applied.restartsPipelock, true);
  const after = await pids();
  assert.is.not(after['pipelock'], before['pipelock']);
  assert.equal({ ...after, pipelock: 0 }, { ...before, pipelock: 0 });
  assert.is((await part().request('passthrough', '/v1/x')).status, 200);
  const back = await part().apply([close('models.allowed.test')]);
  assert.is(back.restartsPipelock, false);
  await assertSettled();
});

test('a daemon that is killed during a change comes back with it, or the change is taken back', async () => {
  const sidecars = part().stage.sidecar('egress');
  for (const daemon of ['egress', 'pipelock'] as const) {
    const before = await pids();
    const work = part().apply([open(UNLISTED)]);
    await dockerCommand(['exec', sidecars, 'sh', '-c', `kill -KILL ${before[daemon]}`]);
    await work;
    // It may have been killed just after it had acknowledged.
    while ((await part().request('unlisted')).status !== 200) await sleep(500);
    await part().apply([close(UNLISTED)]);
    await assertUnlisted('closed');
  }
  await assertSettled();
});

test('an egress that does nothing any more cannot keep a host open: it is replaced by one that refuses it', async () => {
  await part().apply([open(UNLISTED)]);
  await assertUnlisted('open');
  const before = await pids();
  await dockerCommand(['exec', part().stage.sidecar('egress'), 'sh', '-c', `kill -STOP ${before['egress']}`]);
  const removed = await part().stage.bottle('allow', SLUG, UNLISTED, '--remove');
  assert.is(removed.exitCode, 0, removed.stderr);
  assert.match(removed.stderr + removed.stdout, /egress did not acknowledge .* restarted in place/);
  await assertUnlisted('closed');
  const shown = await part().stage.bottle('allow', SLUG, '--show');
  assert.not.match(shown.stdout, UNLISTED);
  assert.match(shown.stdout, /api\.allowed\.test/);
  const after = await pids();
  assert.is.not(after['egress'], before['egress']);
  assert.equal({ ...after, egress: 0 }, { ...before, egress: 0 });
  assert.is((await part().request('allowed', '/v1/x')).status, 200);
  await assertSettled();
});

test('an expiry ends the grant in egress by itself, and the next change sweeps it out', async () => {
  await part().apply([open(UNLISTED, { expires: new Date(Date.now() + 20_000).toISOString() })]);
  await assertUnlisted('open');
  await sleep(20_000);
  await assertUnlisted('closed');
  await part().apply([open('other.test')]);
  assert.equal(
    part()
      .grants()
      .map(({ host }) => host),
    ['other.test'],
  );
  await part().apply([close('other.test')]);
});

test('a hundred changes in a row leave an open call to supervise and an open download alone', async () => {
  const { stage } = part();
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'supervise/client.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    conditions: ['claude-bottle-source'],
  });
  const script = built.outputFiles[0]?.text ?? '';
  const asked = { name: 'egress-block', arguments: { host: 'asked.example.org', justification: 'a test' } };
  const waiting = execa(
    'docker',
    ['exec', '--interactive', '--env', `CALL=${JSON.stringify(asked)}`, AGENT, 'node', '--input-type=module', '-'],
    {
      input: script,
      reject: false,
    },
  );
  const download = execa(
    'docker',
    [
      'exec',
      AGENT,
      'curl',
      '-sS',
      '--limit-rate',
      '30k',
      '-o',
      '/tmp/download',
      'https://api.allowed.test/v1/bytes/30000000',
    ],
    { reject: false },
  );
  const size = async (): Promise<number> =>
    Number(await dockerCommand(['exec', AGENT, 'sh', '-c', 'wc -c </tmp/download || echo 0']));
  while ((await size()) === 0) await sleep(200);
  const before = await pids();
  for (let change = 0; change < 100; change += 1)
    await part().apply([change % 2 === 0 ? open(UNLISTED) : close(UNLISTED)]);
  const reached = await size();
  while ((await size()) === reached) await sleep(200);
  assert.is(download.exitCode, null, 'the download still runs');
  assert.equal(await pids(), before);
  const [proposal = ''] = readdirSync(part().state('queue')).filter((name) => name.endsWith('.proposal.json'));
  const id = proposal.replace('.proposal.json', '');
  const rejected = await stage.bottle('supervise', SLUG, id, '--reject', '--note', 'after a hundred changes');
  assert.is(rejected.exitCode, 0, rejected.stderr);
  const answer = JSON.parse((await waiting).stdout);
  assert.is(answer.status, 'rejected');
  download.kill('SIGKILL');
  await dockerCommand(['exec', AGENT, 'pkill', 'curl']);
  await assertSettled();
});

test('of two operators at once one waits, and one who does not wait is told who is at work', async () => {
  const [a, b] = await Promise.all([part().apply([open(UNLISTED)]), part().apply([open('other.test')])]);
  assert.ok(a?.changed && b?.changed);
  assert.equal(
    part()
      .grants()
      .map(({ host }) => host)
      .sort(),
    ['other.test', UNLISTED],
  );
  const outcomes = await Promise.allSettled([
    part().apply([close(UNLISTED)], { lockWaitMs: 0 }),
    part().apply([close('other.test')], { lockWaitMs: 0 }),
  ]);
  assert.equal(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const [loser] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  assert.is(loser.code, 'deploy/locked');
  const [left] = part().grants();
  await part().apply([close(left?.host ?? '')]);
  await assertSettled();
});

test('a change whose process is killed, wherever, is found done or taken back by the next one', async () => {
  const script = join(import.meta.dirname, 'allow/killed-apply.ts');
  for (const point of ['1-before', '1-after', '2-before', '2-after', 'end']) {
    const [node, ...rest] = [
      ...typescriptArgv(script),
      part().stage.home,
      SLUG,
      point,
      JSON.stringify([open(UNLISTED)]),
    ] as const;
    const killed = await execa(node, rest, { reject: false });
    assert.is(killed.signal, 'SIGKILL', `${point}: ${killed.stderr}`);
    assert.ok(existsSync(part().state('.change')), point);
    const applied = await part().apply([open('other.test')]);
    const isMade = point === 'end';
    assert.match(applied.warnings.join('\n'), isMade ? /it is in force/ : /it is taken back/, point);
    await assertUnlisted(isMade ? 'open' : 'closed');
    await assertSettled();
    const last = part()
      .audit()
      .findLast((line) => line.kind === 'change' && line.why === 'to be killed');
    assert.is(last?.kind === 'change' && last.outcome, isMade ? 'applied' : 'rolled-back', point);
    await part().apply(
      part()
        .grants()
        .map(({ host }) => close(host)),
    );
  }
});

const FULL = 'a full disk changes nothing, wherever it runs full, and says so';
if (typeof disk === 'string') test.skip(FULL, disk);
else {
  test(FULL, async () => {
    const seen = new Set<string>();
    for (let free = 0; free <= 48 * 1024; free += 4 * 1024) {
      const before = await part().digests();
      const audit = part().audit().length;
      disk.fill(free);
      const outcome = await part()
        .apply([open(UNLISTED)])
        .then(
          () => 'applied',
          (error: { code: string; message: string }) => `${error.code} ${/old policy is in force/.test(error.message)}`,
        );
      disk.clear();
      seen.add(outcome);
      if (outcome === 'applied') await part().apply([close(UNLISTED)]);
      else {
        assert.equal(await part().digests(), before, `${free}: ${outcome}`);
        assert.equal(part().grants(), []);
        assert.ok(part().audit().length >= audit);
      }
      await assertSettled();
    }
    assert.ok(
      seen.has('applied') && [...seen].some((outcome) => outcome.startsWith('apply/disk-full')),
      [...seen].join(),
    );
  });
}

/** Deploys with `args`, with one more declared host, and returns what it said. */
async function deployed(declares: string, ...args: string[]): Promise<string> {
  const file = join(part().stage.project, 'cdk.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...config, context: { ...config.context, declares } }));
  const { exitCode, stdout, stderr } = await part().stage.bottle('deploy', SLUG, ...args);
  assert.is(exitCode, 0, stderr);
  return stdout;
}

test('a deploy keeps what was granted, finds nothing to do, and forgets it with --reset', async () => {
  await part().apply([open(UNLISTED), close('api.allowed.test')]);
  assert.match(
    await deployed('', '--dry-run'),
    /live grants in force: opened unlisted\.test; closed api\.allowed\.test/,
  );
  assert.match(await deployed(''), /nothing to do[\s\S]*live grants in force/);
  assert.match(await deployed('new.allowed.test'), /live grants in force/);
  await assertUnlisted('open');
  assert.is((await part().request('allowed', '/v1/x')).status, 403);
  await assertSettled();

  assert.match(await deployed(UNLISTED), /live grant dropped: unlisted\.test is declared now/);
  await assertUnlisted('open');
  assert.match(await deployed('', '--reset'), /1 live grants? forgotten \(--reset\)/);
  await assertUnlisted('closed');
  assert.is((await part().request('allowed', '/v1/x')).status, 200);
  assert.equal(part().grants(), []);
  const last = part().audit().at(-1);
  assert.ok(last?.kind === 'change' && last.origin === 'deploy' && /--reset/.test(last.why));
  await assertSettled();
});

test('a credential that the bundle does not have waits for the next deploy, which asks for its variable', async () => {
  const { stage } = part();
  const given = await stage.bottle('allow', SLUG, UNLISTED, '--credential', 'LATER_TOKEN');
  assert.is(given.exitCode, 0, given.stderr);
  assert.match(given.stdout, /kept for the next deploy[\s\S]*LATER_TOKEN enters the bundle at the next deploy/);
  await assertUnlisted('closed');
  const unset = await stage.bottle('deploy', SLUG);
  assert.is(unset.exitCode, 1);
  assert.match(unset.stderr, /LATER_TOKEN is not set; needed by live grant of unlisted\.test/);
  const value = 'later-0123456789abcdef';
  Object.assign(stage.env, { LATER_TOKEN: value });
  assert.match(await deployed(''), /live grants in force: opened unlisted\.test/);
  await assertUnlisted('open');
  const received = await stage.internet.received('unlisted');
  assert.is(received.at(-1)?.headers['authorization'], `Bearer ${value}`);
  assert.match(readFileSync(part().state('.env'), 'utf8'), /^EGRESS_TOKEN_1=\$\{LATER_TOKEN\}$/m);
  await part().apply([close(UNLISTED)]);
  Object.assign(stage.env, { LATER_TOKEN: '' });
  await deployed('');
  assert.not.match(readFileSync(part().state('.env'), 'utf8'), /LATER_TOKEN/);
  await assertSettled();
});

test('an audit log that somebody changed is never continued in silence', async () => {
  const file = part().state('audit/audit.jsonl');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replace('"why":"the docs"', '"why":"the dogs"'));
  const applied = await part().apply([open(UNLISTED)]);
  assert.match(applied.warnings.join('\n'), /audit log was changed/);
  assert.ok(
    part()
      .audit()
      .some((line) => line.kind === 'broken-chain'),
  );
  await part().apply([close(UNLISTED)]);
  rmSync(part().state('audit'), { recursive: true });
});

test('in the split shape a change reaches both daemons in their own containers', async () => {
  await part().stage.deploy('split');
  await part().apply([open(UNLISTED)]);
  await assertUnlisted('open');
  await part().apply([close(UNLISTED)]);
  await assertUnlisted('closed');
  await assertSettled();
});

test.run();
