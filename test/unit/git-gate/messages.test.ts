import * as assert from 'uvu/assert';
import { nameShower } from '../../../images/sidecars/git-gate/finding-lines.ts';
import { pushArguments, refusedRefs } from '../../../images/sidecars/git-gate/forward.ts';
import { run } from '../../../images/sidecars/git-gate/program.ts';
import { type PathChange, parseDiffTree } from '../../../images/sidecars/git-gate/pushed-paths.ts';
import { clientLine, logLine, printable } from '../../../images/sidecars/git-gate/say.ts';
import { sshEnvironment } from '../../../images/sidecars/git-gate/ssh.ts';
import { remoteLines, upstreamFailure } from '../../../images/sidecars/git-gate/upstream-failure.ts';
import { parseLsRemote } from '../../../images/sidecars/git-gate/upstream-refs.ts';
import { suite } from '../../support/suite.ts';

const test = suite('git-gate messages');
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

test('writes out what a terminal would act on', () => {
  assert.is(printable('a\u001b[2Jb\u202ec\r\nd'), 'a\\u{1b}[2Jb\\u{202e}c\\u{d}\\u{a}d');
  assert.is(printable('grüße 中文'), 'grüße 中文');
  assert.is(printable('x'.repeat(20), 5), 'xxxxx…');
  assert.is(clientLine('a\nb'), 'git-gate: a\\u{a}b\n');
});

test('logs printable text only, wherever it is in an event', () => {
  const line = logLine({ event: 'push', names: ['refs/heads/a\u009b\u202eb'], more: { why: 'x\u001b[2J\n' }, refs: 1 });
  assert.is(line.match(/[^\x20-\x7e]/g)?.join(), '\n');
  const { names, more, refs } = JSON.parse(line) as Record<string, unknown>;
  assert.equal([names, more, refs], [['refs/heads/a\\u{9b}\\u{202e}b'], { why: 'x\\u{1b}[2J\\u{a}' }, 1]);
});

test('tells causes apart by what ssh and git write', () => {
  const causes = {
    'No ED25519 host key is known for git.test and you have requested strict checking.\nHost key verification failed.':
      'host-key',
    'git@git.test: Permission denied (publickey).\nfatal: Could not read from remote repository.': 'authentication',
    'ssh: connect to host git.test port 22: Connection refused': 'unreachable',
    'ssh: Could not resolve hostname git.test: Name or service not known': 'unreachable',
    'kex_exchange_identification: Connection closed by remote host': 'unreachable',
    'Load key "/run/git-gate/app.key": error in libcrypto\ngit@git.test: Permission denied (publickey).': 'key',
    "fatal: '/srv/x.git' does not appear to be a git repository": 'repository',
    'ERROR: Repository not found.': 'repository',
    'fatal: something new': 'other',
  };
  for (const [stderr, cause] of Object.entries(causes)) {
    const error = upstreamFailure('git.test', stderr);
    assert.is(error.reason, cause, stderr);
    assert.match(error.message, 'git.test');
  }
  assert.is(upstreamFailure('git.test', '', 'no end after 60 s').reason, 'unreachable');
});

test('passes on what the upstream says, and nothing that is not its own', () => {
  assert.equal(remoteLines('remote: policy \u001b[31mno\nTo ssh://x\nremote: \nerror: failed'), [
    'policy \\u{1b}[31mno',
  ]);
});

test('reads why refs were refused', () => {
  const stdout = `To x\n!\t${A}:refs/heads/a\t[remote rejected] (pre-receive hook declined)\n!\t${A}:refs/heads/b\t[rejected] (stale info)\nDone\n`;
  assert.equal(refusedRefs(stdout), [
    'the upstream refused: [remote rejected] (pre-receive hook declined)',
    'the upstream has changed, fetch and try again',
  ]);
  assert.equal(refusedRefs('To x\n*\ta:refs/heads/a\t[new branch]\nDone\n'), []);
});

test('forwards exactly from the old value to the new, all or nothing', () => {
  const remote = { url: 'ssh://git@git.test/app.git' };
  const one = pushArguments(remote, [{ ref: 'refs/heads/a', to: A }]);
  assert.equal(one.slice(-4), ['--force-with-lease=refs/heads/a:', '--', remote.url, `${A}:refs/heads/a`]);
  assert.not(one.includes('--atomic'));
  const two = pushArguments(remote, [
    { ref: 'refs/heads/a', from: A, to: B },
    { ref: 'refs/heads/b', from: A },
  ]);
  assert.ok(two.includes('--atomic'));
  assert.ok(two.includes(`--force-with-lease=refs/heads/a:${A}`));
  assert.equal(two.slice(-2), [`${B}:refs/heads/a`, ':refs/heads/b']);
});

test('makes ssh take one key, our known hosts and no question', () => {
  const { GIT_SSH_COMMAND: command = '' } = sshEnvironment({ key: '/run/git-gate/app.key' });
  const wanted = [
    '-F /dev/null',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'BatchMode=yes',
    'ConnectTimeout=10',
  ];
  for (const part of [...wanted, 'UserKnownHostsFile=/etc/git-gate/known_hosts', '-i /run/git-gate/app.key']) {
    assert.ok(command.includes(part), part);
  }
});

test('reads the refs and HEAD of an upstream, without peeled tags and other refs', () => {
  const text = `ref: refs/heads/main\tHEAD\n${A}\tHEAD\n${A}\trefs/heads/main\n${B}\trefs/tags/v1\n${A}\trefs/tags/v1^{}\n${A}\trefs/pull/1/head\n`;
  const { head, refs, aliases } = parseLsRemote(`${text}ref: refs/heads/main\trefs/heads/old\n`);
  assert.equal([...aliases], [['refs/heads/old', 'refs/heads/main']]);
  assert.is(head, 'refs/heads/main');
  assert.equal(
    [...refs],
    [
      ['refs/heads/main', A],
      ['refs/tags/v1', B],
    ],
  );
  assert.is(parseLsRemote(`${A}\tHEAD\n`).head, undefined);
});

test('reads changed paths of plain commits and of merges', async () => {
  const zero = '0'.repeat(40);
  const output = [
    A,
    `::000000 000000 100644 ${zero} ${zero} ${B} AA`,
    'evil\nname',
    `::100644 100644 100644 ${A} ${A} ${B} MM`,
    'both',
    B,
    `:000000 120000 ${zero} ${A} A`,
    ':looks like an entry',
    `:100644 000000 ${A} ${zero} D`,
    'gone',
    `:100644 160000 ${A} ${B} T`,
    'sub',
    `::160000 100644 160000 ${A} ${zero} ${B} MM`,
    'merged sub',
    '',
  ].join('\0');
  const changes: PathChange[] = [];
  for await (const change of parseDiffTree(output.split('\0').map((piece) => Buffer.from(piece)))) changes.push(change);
  assert.equal(changes, [
    { commit: A, path: 'evil\nname', added: true },
    { commit: A, path: 'both', added: false },
    { commit: B, path: ':looks like an entry', added: true },
    { commit: B, path: 'gone', added: false },
    { commit: B, path: 'sub', added: false, submodule: B },
    { commit: B, path: 'merged sub', added: false, submodule: B },
  ]);
});

test('withholds a name that holds a secret, and every name that holds that name or is part of it', () => {
  const show = nameShower([
    { rule: 'x', item: { kind: 'path', path: 'keys/SECRET/file', commit: A } },
    { rule: 'x', item: { kind: 'ref', ref: 'refs/heads/SECRET' } },
  ]);
  for (const name of ['keys/SECRET/file', 'keys/SECRET', 'refs/heads/SECRET', 'refs/heads/SECRET/x']) {
    assert.is(show(name), '(name withheld)', name);
  }
  assert.is(show('src/other'), 'src/other');
});

const env = { PATH: process.env['PATH'] };

test('says how a program failed: absent, too slow, too talkative, killed', async () => {
  const problem = async (program: string, args: string[], more: object = {}): Promise<string | undefined> =>
    (await run(program, args, { env, timeoutMs: 5_000, ...more })).problem;
  assert.is(await problem('no-such-program', []), 'not found');
  assert.is(await problem('sleep', ['60'], { timeoutMs: 50 }), 'no end after 0.05 s');
  assert.is(await problem('yes', [], { maxOutput: 1000 }), 'too much output');
  assert.is(await problem('sh', ['-c', 'kill -9 $$']), 'ended by SIGKILL');
  assert.is(await problem('true', []), undefined);
});

test('gives a program its input and does not mind if it is not read', async () => {
  const echoed = await run('cat', [], { env, input: 'text', timeoutMs: 5_000 });
  assert.is(echoed.stdout.toString(), 'text');
  const unread = await run('true', [], { env, input: Buffer.alloc(4_000_000), timeoutMs: 5_000 });
  assert.is(unread.code, 0);
});

test.run();
