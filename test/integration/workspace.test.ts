/** Workspaces from the host, on the real engine: what of the host's directory an agent can reach, and what it cannot. */

import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Workspace } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { BottleError } from '../../lib/errors.ts';
import { suite } from '../support/suite.ts';
import { AGENT_UID, ATTACKS, type Attack, git, makeRepository, own } from './workspace/attacks.ts';
import { openStage, run, type Stage } from './workspace/stage.ts';

const test = suite('workspaces from the host', { timeoutMs: 600_000 });
const SLUG = `wstest-${randomBytes(3).toString('hex')}`;

const opened: Stage[] = [];
function stage(): Stage {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
}
const at = (...path: string[]): string => join(stage().root, ...path);
const containers: string[] = [];

test.before(async () => {
  opened.push(await openStage(SLUG));
  for (const name of ['marks', 'plains', 'prototype']) mkdirSync(at(name));
  await makeRepository(at('prototype'));
  await run('cp', '--archive', at('prototype'), at('app'));
});
test.after(async () => {
  if (containers.length > 0) await run('docker', 'rm', '--force', ...containers);
  for (const one of opened) await one.close();
});

/** A container as a plain `docker run -v` makes it, with further mounts. */
async function plainContainer(root: string, ...mounts: readonly string[]): Promise<string> {
  const name = `${SLUG}-plain-${containers.length}`;
  containers.push(name);
  const volumes = [`${root}:/workspace/app`, ...mounts].flatMap((mount) => ['--volume', mount]);
  const { code, out } = await run(
    'docker',
    'run',
    '--detach',
    '--name',
    name,
    '--network',
    'none',
    ...volumes,
    stage().image,
  );
  assert.is(code, 0, out);
  return name;
}

let ofPlains: Promise<string> | undefined;
/** One container for all controls: each has a directory of its own in it. */
function plains(): Promise<string> {
  ofPlains ??= plainContainer(at('plains'));
  return ofPlains;
}

/** Lets `container` attack the workspace that is `root` on this host, and says whether the host fell for it. */
async function succeeds(
  { name, script, victim }: Attack,
  container: string,
  root: string,
  directory = '/workspace/app',
): Promise<boolean> {
  const mark = at('marks', `${container} ${name}`.replaceAll(/\W+/g, '-'));
  const args = ['exec', '--workdir', directory, container, '/bin/sh', '-c', script, 'sh', `touch ${mark}`];
  await run('docker', ...args);
  await victim(root);
  return existsSync(mark);
}

test("a directory of the host is the agent's workspace, and what is written there is there for both", async () => {
  const s = stage();
  const { outcome } = await s.deploy({ workspace: Workspace.bind('../app') });
  assert.is(outcome, 'created');
  assert.equal(await s.report(), { state: 'ready', detail: '' });
  const { code, out } = await s.inAgent(
    'cd /workspace/app && cat README && echo mine >new && mkdir src && git log --oneline | wc -l',
  );
  assert.equal([code, out], [0, 'hello\n2']);
  assert.is(readFileSync(at('app/new'), 'utf8'), 'mine\n');
  assert.is(statSync(at('app/new')).uid, AGENT_UID);
  writeFileSync(at('app/theirs'), 'x');
  assert.is((await s.inAgent('cat /workspace/app/theirs')).out, 'x');
  const made = ['.vscode', '.claude'].map((name) => statSync(at('app', name)));
  assert.equal(
    made.map(({ uid }) => uid),
    [AGENT_UID, AGENT_UID],
    "what deploy makes is its owner's",
  );
  assert.ok(s.said.some((line) => line.includes('made in') && line.includes('.vscode')));
  assert.is((await s.deploy({ workspace: Workspace.bind('../app') })).outcome, 'unchanged');
});

for (const attack of ATTACKS) {
  test(`${attack.name} runs on the host from a plain mount, and not from the workspace`, async () => {
    const name = `plain-${ATTACKS.indexOf(attack)}`;
    await run('cp', '--archive', at('prototype'), at('plains', name));
    const isOpen = await succeeds(attack, await plains(), at('plains', name), `/workspace/app/${name}`);
    assert.ok(isOpen, 'the control: without protection the attack works');
    assert.not.ok(await succeeds(attack, stage().agent, at('app')));
  });
}

test('after all of that the repository is as it was, and the host goes on using it', async () => {
  const { code, out } = await git(at('app'), 'fsck');
  assert.is(code, 0, out);
  assert.not.ok(existsSync(at('app/.git/commondir')) || existsSync(at('app/.git-old')));
  await git(at('app'), 'config', 'branch.main.description', 'by the host');
  own(at('app'));
  // What the host's git writes by renaming takes no protection away, because the directory itself is mounted.
  assert.match((await stage().inAgent('echo >>/workspace/app/.git/config')).out, /read-only/i);
  assert.equal(await stage().problems(), []);
});

test('with hooks and config alone read-only, a common directory and a rewritten config lead around both', async () => {
  const root = at('narrow');
  await run('cp', '--archive', at('prototype'), root);
  const narrow = ['/.git', '/.git/hooks', '/.git/config'].map(
    (path) => `${root}${path}:/workspace/app${path}${path === '/.git' ? '' : ':ro'}`,
  );
  const container = await plainContainer(root, ...narrow);
  const attack = (name: string): Attack => {
    const found = ATTACKS.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no attack ${name}`);
    return found;
  };
  assert.not.ok(await succeeds(attack('a program in the config'), container, root));
  assert.ok(await succeeds(attack('a common directory of its own'), container, root));
  await run('rm', join(root, '.git/commondir'));
  await git(root, 'config', 'branch.main.description', 'by the host');
  own(root);
  const again = { ...attack('a program in the config'), name: 'a program in the config, after the host wrote it' };
  assert.ok(await succeeds(again, container, root));
  await run('docker', 'rm', '--force', container);
});

test('a path that the host replaced is told, and a deploy protects it again', async () => {
  const s = stage();
  rmdirSync(at('app/.zed'));
  mkdirSync(at('app/.zed'));
  own(at('app'));
  assert.match((await s.problems()).join(), /workspace app: the protected path \.zed is not mounted/);
  assert.is((await s.inAgent('touch /workspace/app/.zed/x')).code, 0, 'the control: it is open');
  const { changes } = await s.deploy({ workspace: Workspace.bind('../app') });
  assert.equal(changes, ['agent: started']);
  assert.is.not((await s.inAgent('touch /workspace/app/.zed/y')).code, 0);
  assert.equal(await s.problems(), []);
});

test('a link that the agent puts where the host took a path away leads a plain container to the host, and ours nowhere', async () => {
  const s = stage();
  mkdirSync(at('secret'));
  writeFileSync(at('secret/key'), "the host's secret\n");
  const lure = `cd /workspace/app && rmdir .idea && ln -s ${at('secret')} .idea && echo lured`;

  const root = at('lured');
  mkdirSync(join(root, '.idea'), { recursive: true });
  own(root);
  const container = await plainContainer(root, `${root}/.idea:/workspace/app/.idea:ro`);
  const replace = (workspace: string): void => {
    rmdirSync(join(workspace, '.idea'));
    mkdirSync(join(workspace, '.idea'));
    own(join(workspace, '.idea'));
  };
  replace(root);
  assert.match((await run('docker', 'exec', container, 'sh', '-c', lure)).out, /lured/);
  await run('docker', 'restart', '--time', '0', container);
  const seen = await run('docker', 'exec', container, 'cat', '/workspace/app/.idea/key');
  assert.is(seen.out, "the host's secret", 'the control: the engine follows the link');

  replace(at('app'));
  assert.match((await s.inAgent(lure)).out, /lured/);
  const planted = 'echo "cat /workspace/app/.idea/key >/workspace/app/stolen" >/home/agent/.profile';
  await s.inAgent(planted);
  await run('docker', 'restart', '--time', '1', s.agent);
  const logs = async (): Promise<string> => (await run('docker', 'logs', s.agent)).out;
  for (const end = Date.now() + 60_000; !/not started/.test(await logs()) && Date.now() < end; ) await sleep(200);
  assert.match(
    await logs(),
    /the protected path \.idea (?:is not mounted|leads elsewhere)[\s\S]*the agent is not started/,
  );
  assert.not.ok(existsSync(at('app/stolen')));
  try {
    await s.deploy({ workspace: Workspace.bind('../app') });
    assert.unreachable('a link was mounted');
  } catch (error) {
    assert.instance(error, BottleError);
    assert.is((error as BottleError).code, 'deploy/protected-path-link');
  }
  await run('rm', at('app/.idea'));
  await s.deploy({ workspace: Workspace.bind('../app') });
  assert.is((await s.report()).state, 'ready');
});

test('a directory that the agent may not write is told with whose it is, and left as it is', async () => {
  const s = stage();
  mkdirSync(at('roots'));
  writeFileSync(at('roots/file'), 'x');
  await s.deploy({ workspace: Workspace.bind('../roots') });
  const { state, detail } = await s.report();
  assert.is(state, 'unwritable');
  assert.match(detail, /uid 1000 may not write it: it is of uid 0, gid 0, mode drwx/);
  assert.is(statSync(at('roots')).uid, 0);
  own(at('roots'));
  await s.deploy({ workspace: Workspace.bind('../roots', { readOnly: true }) });
  assert.is((await s.report()).state, 'ready');
  assert.match((await s.inAgent('cat /workspace/roots/file; touch /workspace/roots/file')).out, /^x[\s\S]*read-only/i);
});

test("a copy is the agent's own: the host's directory is neither written nor followed, and is copied once", async () => {
  const s = stage();
  const source = at('origin');
  mkdirSync(join(source, 'sub'), { recursive: true });
  writeFileSync(join(source, 'a'), 'first');
  writeFileSync(join(source, '.env'), 'TOKEN=1');
  writeFileSync(join(source, 'private'), 'not for the agent');
  writeFileSync(join(source, '.bottleignore'), '/private\n');
  symlinkSync(at('secret/key'), join(source, 'link'));
  await run('mkfifo', join(source, 'sub/pipe'));
  await s.deploy({ workspace: Workspace.copy('../origin') });
  assert.equal(await s.report(), { state: 'ready', detail: '' });
  const listing = 'cd /workspace/origin && ls -A . sub && cat a && readlink link && cat link';
  const { out } = await s.inAgent(listing);
  assert.match(out, /\.bottleignore\n\.env\na\nlink\nsub\n\nsub:\nfirst/);
  assert.ok(out.includes(`${at('secret/key')}\n`) && /No such file/.test(out), 'the link is a link, and dangles');
  assert.match(s.said.join('\n'), /looks like credentials in its copy of .*: \.env;/);
  assert.match(s.said.join('\n'), /neither file, directory nor link: sub\/pipe/);

  await s.inAgent('echo changed >/workspace/origin/a; rm -f /opt/claude-bottle-workspace/origin/a');
  assert.is(readFileSync(join(source, 'a'), 'utf8'), 'first');
  writeFileSync(join(source, 'a'), 'second');
  assert.is((await s.deploy({ workspace: Workspace.copy('../origin') })).outcome, 'unchanged');
  await run('docker', 'restart', '--time', '2', s.agent);
  assert.is((await s.report()).state, 'ready');
  assert.is((await s.inAgent('cat /workspace/origin/a')).out, 'changed');
  // Gone, or cut off in the middle: made again from the snapshot at the next start.
  await s.inAgent('cd /workspace && rm -rf origin && mkdir .origin.partial && touch .origin.partial/half');
  await run('docker', 'restart', '--time', '2', s.agent);
  assert.is((await s.report()).state, 'ready');
  assert.is((await s.inAgent('cat /workspace/origin/a; ls -A /workspace/origin | wc -l')).out, 'first5');
  assert.not.ok(readdirSync(s.state('snapshot/origin')).includes('private'));
});

test.run();
