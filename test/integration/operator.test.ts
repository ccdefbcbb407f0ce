/** What an operator needs to work in a bottle, in both shapes, on a real engine: list, status, logs, enter. */

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { AGENT, CONTROL, docker, eventually, holder, listOf, SHAPES, statusOfBottle } from './operator/asking.ts';
import { onStage, SLUGS } from './operator/stage.ts';

const test = suite('an operator of bottles on a real engine', { timeoutMs: 600_000 });

const stage = onStage(test);
const listed = (...args: readonly string[]) => listOf(stage(), args);
const statusOf = (slug: string) => statusOfBottle(stage(), slug);

test('what is declared and not deployed is listed as that, and can be neither asked about nor entered', async () => {
  assert.equal(
    (await listed()).map(({ slug, state, defined }) => [slug, state, defined]),
    [
      [SLUGS.bundle, 'not deployed', true],
      [SLUGS.split, 'not deployed', true],
    ],
  );
  assert.not(existsSync(join(stage().directory, 'dist')), 'a list writes nothing into the project');
  for (const verb of ['status', 'logs', 'enter']) {
    const { exitCode, stderr } = await stage().bottle(verb, SLUGS.bundle);
    assert.is(exitCode, 2, verb);
    assert.match(stderr, `no bottle ${SLUGS.bundle} is deployed`);
  }
});

test('a deploy ends with how to enter, and the list shows both shapes healthy and unchanged', async () => {
  const { exitCode, stdout, stderr } = await stage().bottle('deploy');
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, `enter with: bottle enter ${SLUGS.bundle}`);
  const bottles = await listed();
  assert.equal(
    bottles.map(({ slug, state, defined, changed, shape }) => [slug, state, defined, changed, shape]),
    [
      [SLUGS.bundle, 'healthy', true, [], 'bundle'],
      [SLUGS.split, 'healthy', true, [], 'split'],
    ],
  );
  for (const { since } of bottles) assert.ok(Date.now() - Date.parse(since ?? '') < 600_000);
  const { stdout: table } = await stage().bottle('list');
  assert.match(table, new RegExp(`^${SLUGS.split} +healthy +.* split +builtin$`, 'm'));
});

test('the list tells what a definition changed, and what it no longer has', async () => {
  const changed = await listed('-c', 'more=yes');
  assert.equal(changed[0]?.changed, ['egress/routes.yaml', 'pipelock/pipelock.yaml']);
  const orphans = await listed('-c', 'without=split');
  assert.equal(
    orphans.map(({ slug, defined }) => [slug, defined]),
    [
      [SLUGS.bundle, true],
      [SLUGS.split, false],
    ],
  );
  const deployed = await listed('--deployed');
  assert.equal(
    deployed.map(({ defined }) => defined),
    [null, null],
  );
});

for (const shape of SHAPES) {
  const slug = SLUGS[shape];

  test(`status knows each daemon, its policy, the scanner, the agent and the network (${shape})`, async () => {
    const status = await statusOf(slug);
    assert.equal(status.problems, [], status.problems.join('\n'));
    assert.is(status.healthy, true);
    assert.equal(
      status.daemons.map((one: { daemon: string; up: boolean; policy: { standing: string } }) => [
        one.daemon,
        one.up,
        one.policy.standing,
      ]),
      ['egress', 'pipelock', 'git-gate', 'supervise'].map((daemon) => [daemon, true, 'in force']),
    );
    assert.is(status.scanner.engine, 'builtin');
    assert.match(status.scanner.version, /builtin/);
    assert.is(status.workspace.name, 'app');
    assert.match(status.workspace.state, /^(failed|cloning)$/, 'its upstream does not exist');
    assert.equal(status.network.egress, [`claude-bottle-${slug}_egress`]);
    assert.is(status.containers.length, shape === 'bundle' ? 2 : 5);
    assert.equal([status.grants.live, status.proposals.open], [0, 0]);
    const { stdout } = await stage().bottle('status', slug);
    for (const daemon of ['egress', 'pipelock', 'git-gate', 'supervise']) {
      assert.match(stdout, new RegExp(`^ +${daemon} +up +[0-9a-f]{12} in force$`, 'm'));
    }
  });

  test(`what the agent printed to fool a terminal or a reader is shown as text (${shape})`, async () => {
    for (const extra of [[], ['--json']]) {
      const { exitCode, stdout } = await stage().bottle('logs', slug, 'agent', ...extra);
      assert.is(exitCode, 0);
      assert.match(stdout, '[egress] {');
      assert.match(stdout, extra.length === 0 ? '\\x1b[31mred\\x1b]0;title\\x07' : '\\u001b[31mred');
      assert.not.match(stdout, CONTROL);
    }
    const denied = await stage().bottle('logs', slug, '--denied');
    assert.is(denied.stdout, '', 'a refusal that the agent writes itself is none');
  });

  test(`daemons are told apart, in the order of time, as text and as JSON lines (${shape})`, async () => {
    const { stdout } = await stage().bottle('logs', slug, '--json');
    const lines = stdout.split('\n').map((line) => JSON.parse(line));
    const sources = new Set(lines.map(({ daemon }) => daemon));
    assert.equal(
      [...sources].sort(),
      ['agent', 'egress', 'init', 'pipelock', 'supervise', ...(sources.has('git-gate') ? ['git-gate'] : [])].sort(),
    );
    const times = lines.map(({ time }) => time);
    assert.equal(times, [...times].sort());
    assert.ok(
      lines.some(
        ({ daemon, event }) => daemon === 'egress' && event?.event === 'routes' && event.outcome === 'applied',
      ),
    );
    const pipelock = await stage().bottle('logs', slug, 'pipelock', 'supervise');
    assert.ok(
      pipelock.stdout.split('\n').every((line) => /^\S+Z \[(pipelock|supervise)\] /.test(line)),
      pipelock.stdout,
    );
    const last = await stage().bottle('logs', slug, 'init', '-n', '1');
    assert.match(last.stdout, /^\S+Z \[init\] [^\n]+$/);
    const none = await stage().bottle('logs', slug, '--since', '2999-01-01');
    assert.is(none.stdout, '');
  });

  test(`a refused request appears in a followed log at once, without the credential (${shape})`, async () => {
    const s = stage();
    const following = s.start(['logs', slug, '--follow', '--denied']);
    let shown = '';
    following.stdout?.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const asked = async (): Promise<string | undefined> => {
      await s.bottle('enter', slug, '--', 'curl', '-sS', '-m', '10', `https://refused.example.test/${s.token}`);
      await sleep(500);
      return /refused\.example\.test/.test(shown) ? shown : undefined;
    };
    await eventually('the refusal is shown', asked);
    following.kill('SIGINT');
    assert.is((await following).exitCode, 130);
    assert.match(shown, /\[egress\] route GET refused\.example\.test\/\S*: no route /);
    assert.not.match(shown, new RegExp(s.token));
    assert.is(shown.includes('\u001b'), false);
  });

  test(`a command gets its input, its directory and its user, and gives back its exit code (${shape})`, async () => {
    const s = stage();
    const piped = await s.start(['enter', slug, '--', 'sh', '-c', 'cat; id -un; pwd; exit 42'], {
      input: 'from outside\n',
    });
    assert.equal([piped.exitCode, piped.stdout], [42, 'from outside\nagent\n/workspace']);
    assert.is((await s.bottle('enter', slug, '--', 'mkdir', '/workspace/app')).exitCode, 0);
    assert.is((await s.bottle('enter', slug, '--', 'pwd')).stdout, '/workspace/app');
    assert.is((await s.bottle('enter', slug, '--', 'rmdir', '/workspace/app')).exitCode, 0);
    assert.is((await s.bottle('enter', slug, '--', 'nosuch-program')).exitCode, 127);
    const agent = await s.bottle('enter', slug, '--agent', '--', '--version');
    assert.match(agent.stdout, /Claude Code/);
    const env = await s.bottle('enter', slug, '--', 'env');
    assert.not.match(env.stdout, new RegExp(`${s.token}|CLAUDE_BOTTLE_HOME|NODE_OPTIONS`));
  });
}

test('a terminal passes through: size, kind, keys, exit code', async () => {
  const typed = 'sleep 3; stty size; echo $TERM; tty; exit 5';
  // The engine gives a new terminal its size a moment after its program has begun.
  const { exitCode, shown } = await stage().onTerminal(['enter', SLUGS.bundle], typed);
  assert.is(exitCode, 5, shown);
  assert.match(shown, /33 77\r?\nxterm-256color\r?\n\/dev\/pts\//);
});

test('a credential of this environment is kept out of what is shown, whoever wrote it', async () => {
  const s = stage();
  await docker('exec', AGENT.bundle, 'sh', '-c', `echo "found ${s.token} somewhere" >/proc/1/fd/1`);
  const { stdout } = await s.bottle('logs', SLUGS.bundle, 'agent');
  assert.match(stdout, 'found [value of OPERATORTEST_TOKEN] somewhere');
  assert.not.match(stdout, new RegExp(s.token));
});

test('an end that is asked for ends the command in the bottle, too', async () => {
  const s = stage();
  const visit = s.start([
    'enter',
    SLUGS.bundle,
    '--',
    'sh',
    '-c',
    'trap "exit 9" INT; echo ready; while :; do sleep 0.2; done # here-it-is',
  ]);
  await new Promise((resolve) => visit.stdout?.once('data', resolve));
  visit.kill('SIGINT');
  assert.is((await visit).exitCode, 9);
  assert.not.match(await docker('top', AGENT.bundle, '-eo', 'pid,args'), /here-it-is/);
});

test('a policy file that is not what runs is seen', async () => {
  const s = stage();
  const file = join(s.home, 'state', SLUGS.bundle, 'egress/routes.yaml');
  const declared = readFileSync(file, 'utf8');
  writeFileSync(file, `${declared}# changed by hand\n`);
  try {
    const { state, problems } = await statusOf(SLUGS.bundle);
    assert.is(state, 'unhealthy');
    assert.match(problems.join('\n'), /egress runs another policy/);
  } finally {
    writeFileSync(file, declared);
  }
});

const UNSEALED = 'a sealed network that was opened is seen';
async function seesUnsealed(): Promise<void> {
  const id = await docker('network', 'inspect', '--format', '{{.Id}}', `claude-bottle-${SLUGS.bundle}_internal`);
  const setting = `/proc/sys/net/ipv4/conf/br-${id.slice(0, 12)}/rp_filter`;
  assert.is((await statusOf(SLUGS.bundle)).network.sealed, true);
  writeFileSync(setting, '0');
  try {
    assert.match((await statusOf(SLUGS.bundle)).problems.join('\n'), /broadcasts of the agent reach the host/);
  } finally {
    writeFileSync(setting, '1');
  }
  assert.is((await statusOf(SLUGS.bundle)).healthy, true);
}
if (process.getuid?.() === 0) test(UNSEALED, seesUnsealed);
else test.skip(UNSEALED, 'only root may unseal a bridge');

for (const shape of SHAPES) {
  test(`a daemon that dies again and again is shown as that, with what happened (${shape})`, async () => {
    const container = holder(shape, 'supervise');
    const found = await eventually('supervise is in a crash loop', async () => {
      const health = JSON.parse((await docker('exec', container, '/usr/local/bin/bundle-health')) || '{}');
      const { pid, crashLoop } = health.daemons?.supervise ?? {};
      if (crashLoop === true) return statusOf(SLUGS[shape]);
      if (typeof pid === 'number') await docker('exec', container, 'sh', '-c', `kill -9 ${pid}`);
      return undefined;
    });
    assert.is(found.healthy, false);
    assert.match(found.problems.join('\n'), /supervise is in a crash loop/);
    const kinds = found.events.map(({ daemon, event }: { daemon: string; event: string }) => `${daemon} ${event}`);
    assert.ok(kinds.includes('supervise crash'), kinds.join());
    assert.is(found.daemons.find(({ daemon }: { daemon: string }) => daemon === 'egress').up, true);
    const { stdout, exitCode } = await stage().bottle('status', SLUGS[shape]);
    assert.is(exitCode, 1);
    assert.match(stdout, /! supervise is in a crash loop/);
    assert.match(stdout, /ago {2}supervise crash/);
  });
}

test('a daemon whose container is stopped is down, its siblings are not, and the list says partial (split)', async () => {
  await docker('stop', '--time', '1', holder('split', 'git-gate'));
  const status = await statusOf(SLUGS.split);
  assert.is(status.state, 'partial');
  assert.match(status.problems.join('\n'), /git-gate is down: its container does not run/);
  assert.is(status.daemons.find(({ daemon }: { daemon: string }) => daemon === 'pipelock').up, true);
  assert.is((await listed('--deployed')).find(({ slug }) => slug === SLUGS.split)?.state, 'partial');
});

test('an agent that is stopped is told as that, to whoever wants to enter', async () => {
  await docker('stop', '--time', '1', AGENT.bundle);
  const { exitCode, stderr } = await stage().bottle('enter', SLUGS.bundle, '--', 'true');
  assert.is(exitCode, 1);
  assert.match(stderr, /the agent of bottle \S+ is exited, exit code \d+\nfix start it with bottle deploy/);
  assert.match((await statusOf(SLUGS.bundle)).problems.join('\n'), `${AGENT.bundle} is exited`);
  const logs = await stage().bottle('logs', SLUGS.bundle, 'agent', '-n', '1');
  assert.is(logs.exitCode, 0, 'a stopped container still has its log');
});

test('what destroy saved can be read after it, and holds no control character', async () => {
  const s = stage();
  assert.is((await s.bottle('destroy', SLUGS.bundle, SLUGS.split)).exitCode, 0);
  const directory = join(s.home, 'state', SLUGS.bundle, 'logs');
  for (const name of readdirSync(directory)) {
    assert.is(statSync(join(directory, name)).mode & 0o777, 0o600);
    const text = readFileSync(join(directory, name), 'utf8');
    assert.not.match(text, CONTROL, name);
    assert.not.match(text, new RegExp(s.token));
  }
  for (const slug of Object.values(SLUGS)) {
    const saved = await s.bottle('logs', slug, '--saved', '--denied');
    assert.match(saved.stdout, /\[egress\] route GET refused\.example\.test/);
    assert.match((await s.bottle('logs', slug, '--saved', 'agent')).stdout, '\\x1b[31mred');
  }
  const gone = await s.bottle('logs', SLUGS.bundle);
  assert.is(gone.exitCode, 2);
  assert.equal(
    (await listed()).map(({ state }) => state),
    ['not deployed', 'not deployed'],
  );
});

test.run();
