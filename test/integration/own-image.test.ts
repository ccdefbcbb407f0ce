/** Agents in images of the user's own, on the real engine: who they are there, at home where, and what is refused. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Image, type ImageBuildOptions, Workspace } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { BottleError } from '../../lib/errors.ts';
import { suite } from '../support/suite.ts';
import { openStage, run, type Stage } from './workspace/stage.ts';

const test = suite('images of the user for the agent', { timeoutMs: 600_000 });
const SLUG = `owntest-${randomBytes(3).toString('hex')}`;

const opened: { readonly stage: Stage; readonly base: string }[] = [];
function set(): { readonly stage: Stage; readonly base: string } {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
}

/** A plain Debian: what is built here where no registry answers, else the one of a registry. */
async function debian(): Promise<string> {
  const { out } = await run('docker', 'images', '--format', '{{.Repository}}:{{.Tag}}', 'claude-bottle-base-debian');
  return out.split('\n')[0] || 'debian:trixie-slim';
}

test.before(async () => {
  const stage = await openStage(SLUG);
  opened.push({ stage, base: await debian() });
  mkdirSync(join(stage.root, 'tree'));
  writeFileSync(join(stage.root, 'tree/note'), 'of the host');
});
test.after(async () => {
  for (const { stage } of opened) {
    await stage.close();
    const { out } = await run('docker', 'images', '--quiet', `claude-bottle-user-${SLUG}-agent`);
    if (out !== '') await run('docker', 'rmi', '--force', ...out.split('\n'));
  }
});

/** An image that is built of `dockerfile` and `files`, in a context of this name. */
function built(name: string, dockerfile: string, files: Readonly<Record<string, string>> = {}): Image {
  const { stage, base } = set();
  const context = join(stage.root, 'images', name);
  mkdirSync(context, { recursive: true });
  for (const [path, text] of Object.entries({ Dockerfile: dockerfile, ...files }))
    writeFileSync(join(context, path), text);
  const options: ImageBuildOptions = dockerfile.includes('BASE') ? { args: { BASE: base } } : {};
  return Image.build(`../images/${name}`, options);
}

async function refusal(image: Image, user?: string): Promise<BottleError> {
  try {
    await set().stage.deploy({ image, ...(user === undefined ? {} : { user }) });
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('it was deployed');
}

const DEV = [
  'ARG BASE',
  'FROM ${BASE}',
  'RUN useradd --uid 4242 --create-home --home-dir /home/dev --shell /bin/sh dev && echo kept >/home/dev/.mine',
  'USER dev',
  '',
].join('\n');

const WHO = 'id -u; echo "$HOME"; cd "$HOME" && touch x && touch /workspace/x && echo writable';

test('a built image keeps its user and home, whose content starts the volume, and the workspace is its own', async () => {
  const { stage } = set();
  await stage.deploy({ image: built('dev', DEV, { '.env': 'TOKEN=1' }), workspace: Workspace.copy('../tree') });
  assert.equal(await stage.report(), { state: 'ready', detail: '' });
  const { out } = await stage.inAgent(`${WHO}; cat .mine /workspace/tree/note; ls -nd /workspace/tree | cut -d' ' -f3`);
  assert.is(out, '4242\n/home/dev\nwritable\nkept\nof the host4242');
  const warnings = stage.said.filter((line) => /looks like credentials/.test(line));
  assert.match(warnings.join('\n'), /the build of \.\.\/images\/dev can read .*: \.env;/);
  await stage.inAgent('echo mine >~/.profile');
  assert.is((await stage.inAgent('touch /usr/x')).code, 1, 'the root is read-only');
});

test('an unchanged context is not built again, one that .dockerignore hides is unchanged, and a changed one is built', async () => {
  const { stage } = set();
  const deploy = (files: Record<string, string>) =>
    stage.deploy({ image: built('dev', DEV, files), workspace: Workspace.copy('../tree') });
  const first = await deploy({ '.dockerignore': '.env\n*.log\n' });
  stage.said.length = 0;
  const second = await deploy({ 'build.log': 'noise', '.env': 'TOKEN=2' });
  assert.equal([second.outcome, second.images.agent], ['unchanged', first.images.agent]);
  assert.ok(stage.said.some((line) => line.endsWith(`${first.images.agent}, unchanged`)));
  const third = await deploy({ 'more.txt': 'x' });
  assert.is.not(third.images.agent, first.images.agent);
  assert.is((await stage.inAgent('cat ~/.profile')).out, 'mine', 'the home stays');
});

test('another user of the same image gets the volumes, by name as by number, also one without an entry in passwd', async () => {
  const { stage } = set();
  const dockerfile = DEV.replace('USER dev', 'RUN useradd --uid 4343 --create-home other\nUSER dev');
  const image = built('two', dockerfile);
  await stage.deploy({ image, user: 'other' });
  assert.is((await stage.inAgent(WHO)).out, '4343\n/home/other\nwritable');
  await stage.deploy({ image, user: '5555:5555' });
  assert.is((await stage.inAgent(WHO)).out, '5555\n/home/agent\nwritable');
  await stage.deploy({ user: '6666' });
  assert.is((await stage.inAgent(WHO)).out, '6666\n/home/agent\nwritable', 'in our own image, too');
});

test('an image by reference that has nothing of ours works as its own user', async () => {
  const { stage, base } = set();
  await stage.deploy({ image: Image.from(base), workspace: Workspace.copy('../tree') });
  assert.is((await stage.inAgent(WHO)).out, '0\n/root\nwritable');
  assert.is((await stage.report()).state, 'ready');
});

test('busybox alone is enough: its shell runs the entrypoint, its cp the copy', async () => {
  const { stage } = set();
  const dockerfile = [
    'ARG BASE',
    'FROM ${BASE} AS packages',
    'RUN apt-get update && apt-get install -y --no-install-recommends busybox-static',
    'FROM scratch',
    'COPY --from=packages /bin/busybox /bin/busybox',
    'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
    'USER 7777:7777',
    '',
  ].join('\n');
  await stage.inAgent('rm -rf /workspace/tree');
  await stage.deploy({ image: built('busybox', dockerfile), workspace: Workspace.copy('../tree') });
  assert.equal(await stage.report(), { state: 'ready', detail: '' });
  assert.is((await stage.inAgent(`${WHO}; cat /workspace/tree/note`)).out, '7777\n/home/agent\nwritable\nof the host');
  mkdirSync(join(stage.root, 'bound'));
  await stage.deploy({ image: built('busybox', dockerfile), workspace: Workspace.bind('../bound') });
  const { state, detail } = await stage.report();
  assert.equal([state, /uid 7777 may not write it: it is of uid 0/.test(detail)], ['unwritable', true], detail);
  assert.is((await stage.inAgent('sh /opt/claude-bottle/guard.sh')).code, 0, 'the guard runs in busybox');
});

test('what cannot run an agent is refused with what to do, and the bottle that ran goes on', async () => {
  const { stage, base } = set();
  const before = (await run('docker', 'inspect', '--format', '{{.Id}} {{.State.StartedAt}}', stage.agent)).out;
  const bare = await refusal(built('bare', 'FROM scratch\nCOPY thing /thing\n', { thing: 'x' }));
  assert.is(bare.code, 'images/agent-without-shell');
  assert.match(`${bare.message} ${bare.fix}`, /no \/bin\/sh.*distroless/);
  assert.is((await refusal(Image.from(base), 'nobody-here')).code, 'images/agent-user-unknown');
  const sleepless = await refusal(built('sleepless', 'ARG BASE\nFROM ${BASE}\nRUN rm -f /usr/bin/sleep\n'));
  assert.is(sleepless.code, 'images/agent-without-sleep');
  const after = (await run('docker', 'inspect', '--format', '{{.Id}} {{.State.StartedAt}}', stage.agent)).out;
  assert.is(after, before);
});

test('a build that fails says what kind of failure it is', async () => {
  const codeOf = async (name: string, dockerfile: string): Promise<string> =>
    (await refusal(built(name, dockerfile))).code;
  assert.is(await codeOf('syntax', 'FRM scratch\n'), 'images/dockerfile-invalid');
  assert.is(await codeOf('input', 'FROM scratch\nCOPY missing /x\n'), 'images/build-input-missing');
  assert.is(await codeOf('step', 'ARG BASE\nFROM ${BASE}\nRUN exit 3\n'), 'images/build-failed');
  rmSync(join(set().stage.root, 'images/step/Dockerfile'));
  assert.is((await refusal(Image.build('../images/step'))).code, 'images/dockerfile-missing');
  assert.is((await refusal(Image.build('../images/none'))).code, 'images/context-missing');
});

test.run();
