/** What a definition asks, tells and teaches, on a real engine, with a real terminal and the real Claude Code. */

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { AGENT, openStage, PROMPT, SIDECARS, SLUG, type Stage } from './ask-skills-prompt/stage.ts';

const test = suite('asking, skills and prompt on a real engine', { timeoutMs: 600_000 });

const id = (): string => randomBytes(6).toString('hex');
/** With what a shell, compose and an environment file would change. */
const USER = `planted-${id()} $HOME $$ \${X} "q" 'q' #`;
const [OTHER_USER, AGENT_LANG, SIDECARS_LANG] = [`planted-${id()}`, `planted-${id()}`, `planted-${id()}`];
const SECRETS = [USER.split(' ')[0] ?? USER, OTHER_USER, AGENT_LANG, SIDECARS_LANG];

const opened: Stage[] = [];
function stage(): Stage {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
}

test.before(async () => {
  const one = await openStage();
  opened.push(one);
  one.write('skills/review/SKILL.md', '---\nname: review\ndescription: DECLARED-REVIEW\n---\nDECLARED BODY\n');
  one.write('skills/review/scripts/run.sh', '#!/bin/sh\necho ran\n');
  one.write('.claude/skills/notes/SKILL.md', '---\nname: notes\ndescription: DECLARED-NOTES\n---\nNOTES BODY\n');
});
test.after(async () => {
  for (const one of opened) {
    await one.bottle('destroy', SLUG, '--volumes', '--yes', '--quiet');
    one.close();
  }
});

async function docker(...args: string[]): Promise<string> {
  const { stdout, stderr } = await execa('docker', args, { reject: false });
  return `${stdout}${stderr}`.trim();
}
const inAgent = (script: string): Promise<string> => docker('exec', AGENT, 'sh', '-c', script);
const identity = (name: string): Promise<string> => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name);
const files = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());

const holds = (text: string): readonly string[] => SECRETS.filter((secret) => text.includes(secret));

test('without a terminal a deploy names the flags for every question, and changes nothing', async () => {
  const { exitCode, stderr } = await stage().bottle('deploy');
  assert.is(exitCode, 1, stderr);
  for (const flag of ['TICKET_USER', 'agent.LANG', 'sidecars.LANG'])
    assert.match(stderr, `--answer ${flag}=HOST_VARIABLE`);
  assert.match(stderr, 'Your name in the ticket system?');
  assert.not.ok(existsSync(stage().home));
  assert.is(await docker('ps', '-aq', '--filter', `label=claude-bottle.slug=${SLUG}`), '');
});

test('a dry run says what it would ask, and asks nothing', async () => {
  const { exitCode, stdout, stderr } = await stage().bottle('deploy', '--dry-run');
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, "would ask for agent variable TICKET_USER: 'Your name in the ticket system?'");
  assert.match(stdout, 'would ask for sidecars variable LANG');
});

test('Ctrl-C at a question ends the deploy with 130, and changes nothing', async () => {
  const { exitCode, shown } = await stage().onTerminal([['(hidden)', 'half an answ\u0003']], 'deploy');
  assert.is(exitCode, 130, shown);
  assert.not.match(shown, 'half an answ');
  assert.not.ok(existsSync(stage().home));
  assert.is(await docker('ps', '-aq', '--filter', `label=claude-bottle.slug=${SLUG}`), '');
});

test('each answer is asked for once, shown to nobody, and reaches its own service as it was typed', async () => {
  const steps = [
    ['language has the agent? (hidden)', '\r'],
    ['is empty; try again', ''],
    ['(hidden)', 'two\rlines\r'],
    ['more than one line; try again', ''],
    ['(hidden)', `${AGENT_LANG}\r`],
    ['ticket system? (hidden)', `${USER}\r`],
    ['language have they? (hidden)', `${SIDECARS_LANG}\r`],
  ] as const;
  const { exitCode, shown } = await stage().onTerminal(steps, 'deploy');
  assert.is(exitCode, 0, shown);
  assert.equal(holds(shown), []);
  assert.is(shown.split('language have they? (hidden)').length, 2, shown);
  assert.match(shown, 'asked for agent variable TICKET_USER');
  assert.is(await docker('exec', AGENT, 'printenv', 'TICKET_USER'), USER);
  assert.is(await docker('exec', AGENT, 'printenv', 'LANG'), AGENT_LANG);
  assert.match(await docker('inspect', '--format', '{{json .Config.Env}}', SIDECARS), `"LANG=${SIDECARS_LANG}"`);
});

test('a deploy of what runs asks nothing, needs no terminal and touches nothing', async () => {
  const before = [await identity(AGENT), await identity(SIDECARS)];
  const { exitCode, stdout, stderr } = await stage().bottle('deploy', '--json');
  assert.is(exitCode, 0, stderr);
  const [bottle] = JSON.parse(stdout).bottles;
  assert.is(bottle.outcome, 'unchanged');
  assert.equal(bottle.asked, []);
  assert.equal([await identity(AGENT), await identity(SIDECARS)], before);
  const dry = await stage().bottle('deploy', '--dry-run', '--json');
  assert.is(JSON.parse(dry.stdout).bottles[0].outcome, 'unchanged', dry.stdout);
  assert.equal(holds(stdout + stderr + dry.stdout + dry.stderr), []);
});

test('plain compose in the state directory names the variable that it lacks, and with it is the same bottle', async () => {
  const cwd = join(stage().home, 'state', SLUG);
  const without = await execa('docker', ['compose', 'up', '-d'], { cwd, reject: false });
  assert.is.not(without.exitCode, 0);
  assert.match(without.stderr, /CLAUDE_BOTTLE_ANSWER_(AGENT|SIDECARS)_\w+/);
  const before = await identity(AGENT);
  const env = {
    CLAUDE_BOTTLE_ANSWER_AGENT_TICKET_USER: USER,
    CLAUDE_BOTTLE_ANSWER_AGENT_LANG: AGENT_LANG,
    CLAUDE_BOTTLE_ANSWER_SIDECARS_LANG: SIDECARS_LANG,
  };
  const outcome = await execa('docker', ['compose', 'up', '-d'], { cwd, env, reject: false });
  assert.is(outcome.exitCode, 0, outcome.stderr);
  assert.is(await identity(AGENT), before);
});

test('skills and prompt are in the agent, and it can change neither', async () => {
  const skills = '/etc/claude-code/.claude/skills';
  assert.is(await inAgent(`cat ${skills}/review/SKILL.md | tail -n 1`), 'DECLARED BODY');
  assert.is(
    await inAgent(`ls ${skills} /opt/claude-bottle/skills | sort -u | tr '\\n' ' '`),
    `${skills}: /opt/claude-bottle/skills: notes review`.split(' ').sort().join(' '),
  );
  for (const path of [
    `${skills}/review/SKILL.md`,
    `${skills}/new`,
    '/opt/claude-bottle/prompt.md',
    '/opt/claude-bottle/skills/x',
  ]) {
    assert.match(await inAgent(`echo x >${path}`), /Read-only file system/, path);
  }
  assert.match(await inAgent(`mv ${skills} /tmp/gone`), /Read-only|busy|denied|cross-device/i);
  assert.is(await docker('exec', AGENT, 'cat', '/opt/claude-bottle/prompt.md'), PROMPT);
});

test('Claude Code is told the prompt byte for byte, and knows the declared skills before those of its home', async () => {
  const program = readFileSync(join(import.meta.dirname, 'ask-skills-prompt/model-api.mjs'), 'utf8');
  await execa('docker', ['exec', '-i', AGENT, 'sh', '-c', 'cat >/tmp/api.mjs'], { input: program });
  await docker('exec', '-d', AGENT, 'node', '/tmp/api.mjs');
  for (let left = 300; left > 0 && (await inAgent('cat /tmp/listening')) !== 'yes'; left -= 1) await sleep(100);
  const hostile = '---\\nname: review\\ndescription: HOSTILE-REVIEW\\n---\\nHOSTILE BODY\\n';
  await inAgent(
    `mkdir -p ~/.claude/skills/review ~/.claude/commands /workspace/.claude/skills/review &&
     printf '${hostile}' | tee ~/.claude/skills/review/SKILL.md ~/.claude/commands/review.md >/workspace/.claude/skills/review/SKILL.md`,
  );
  const { exitCode, stdout, stderr } = await stage().bottle('enter', SLUG, '--agent', '--', '-p', '/review');
  assert.is(exitCode, 0, stderr);
  assert.is(stdout.trim(), 'pong');
  const asked = await inAgent('cat /tmp/asked');
  const request = asked.split('\n').find((line) => line.includes('DECLARED BODY')) ?? '';
  assert.ok(request.includes(JSON.stringify(PROMPT).slice(1, -1)), 'the prompt is not in what the model is asked');
  for (const text of ['DECLARED-REVIEW', 'DECLARED-NOTES']) assert.ok(request.includes(text), text);
  for (const text of ['HOSTILE-REVIEW', 'HOSTILE BODY']) assert.not.ok(asked.includes(text), text);
});

test('a changed skill is there after the next deploy, in the same agent, and what is gone is gone', async () => {
  const s = stage();
  const before = [await identity(AGENT), await identity(SIDECARS)];
  s.write('skills/review/SKILL.md', '---\nname: review\ndescription: CHANGED\n---\nCHANGED BODY\n');
  rmSync(join(s.directory, 'skills/review/scripts'), { recursive: true });
  const dry = await s.bottle('deploy', '--dry-run');
  assert.match(dry.stdout, 'skill review: would change');
  const { exitCode, stdout, stderr } = await s.bottle('deploy');
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, 'agent/skills/review/SKILL.md: changed');
  assert.equal([await identity(AGENT), await identity(SIDECARS)], before);
  assert.is(
    await inAgent('cd /etc/claude-code/.claude/skills/review && tail -n 1 SKILL.md && ls'),
    'CHANGED BODY\nSKILL.md',
  );
});

test('another answer, from a host variable, makes the agent anew and nothing else', async () => {
  const s = stage();
  const [agent, sidecars] = [await identity(AGENT), await identity(SIDECARS)];
  s.env['MY_NAME'] = OTHER_USER;
  const { exitCode, stdout, stderr } = await s.bottle('deploy', '--answer', 'TICKET_USER=MY_NAME');
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, 'agent: recreated');
  assert.is(await docker('exec', AGENT, 'printenv', 'TICKET_USER'), OTHER_USER);
  assert.is(await docker('exec', AGENT, 'printenv', 'LANG'), AGENT_LANG);
  assert.is.not(await identity(AGENT), agent);
  assert.is(await identity(SIDECARS), sidecars);
  const again = await s.bottle('deploy', '--ask-again', '--answer', 'agent.LANG=MY_NAME');
  assert.is(again.exitCode, 1);
  assert.match(again.stderr, '--answer sidecars.LANG=HOST_VARIABLE');
});

test('no answer is in a file, in a log or in an argument of docker', async () => {
  const s = stage();
  const holders = files(s.directory).filter((path) => holds(readFileSync(path, 'latin1')).length > 0);
  assert.equal(holders, []);
  assert.equal(holds(s.calls()), []);
  assert.equal(holds((await docker('logs', AGENT)) + (await docker('logs', SIDECARS))), []);
  // The control: they are where they should be, and would be found.
  assert.equal(holds(await docker('inspect', AGENT, SIDECARS)), [OTHER_USER, AGENT_LANG, SIDECARS_LANG]);
});

test.run();
