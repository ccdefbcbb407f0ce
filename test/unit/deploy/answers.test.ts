/** Where answers come from, against an engine that only answers: nothing is brought up here. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { AnswerNeed, DeployRequirements } from '../../../lib/assembly/manifest.ts';
import type { Question } from '../../../lib/deploy/answers/index.ts';
import { type DeployOptions, deploy, silent } from '../../../lib/deploy/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import type { Deployed } from '../../../lib/operate/state/deployed.ts';
import { suite } from '../../support/suite.ts';
import { writeAssembly } from './assembly.ts';
import { type Answer, COMPOSE, ENGINE, environmentWith, fakeDocker, NOTHING } from './fake-docker.ts';

const test = suite('answers', { timeoutMs: 30_000 });

const HELD = 'held-7f3a9c1d5e';
const GIVEN = 'given-1b6d8e0f2a';

let scratch = '';
test.before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'deploy-answers-'));
});
test.after(() => rmSync(scratch, { recursive: true, force: true }));

const USER: AnswerNeed = { owner: 'agent', name: 'TICKET_USER', question: 'Who?' };
const LANGS: readonly AnswerNeed[] = [
  { owner: 'agent', name: 'LANG', question: 'Which?' },
  { owner: 'sidecars', name: 'LANG', question: 'Which language?' },
];

const recordOf = (projectDir: string, answers: readonly AnswerNeed[], more: Partial<Deployed> = {}): Deployed => ({
  version: 1,
  slug: 'demo',
  app: 'acme',
  path: 'demo',
  projectDir,
  complete: true,
  daemons: ['egress', 'pipelock'],
  shape: 'bundle',
  images: { agent: { reference: 'a', id: 'sha256:1' }, sidecars: { reference: 's', id: 'sha256:2' } },
  scanner: 'builtin',
  assembly: {},
  hostVariables: [],
  tokens: [],
  answers: [...answers],
  ...more,
});

const inspected = (name: string, service: string, stateDir: string): string =>
  `${JSON.stringify({
    Id: `id-of-${service}`,
    Name: `/${name}`,
    Image: 'sha256:1',
    RestartCount: 0,
    State: { Status: 'running', Running: true, Restarting: false, ExitCode: 0, StartedAt: '2026-01-01T00:00:00Z' },
    Config: {
      Labels: {
        'claude-bottle.slug': 'demo',
        'claude-bottle.app': 'acme',
        'com.docker.compose.service': service,
        'com.docker.compose.project.working_dir': stateDir,
      },
    },
  })}\n`;

interface Case {
  readonly answers: readonly AnswerNeed[];
  /** What runs already; nothing if absent. */
  readonly before?: { readonly answers: readonly AnswerNeed[]; readonly record?: Partial<Deployed> };
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: Partial<DeployOptions>;
}

interface Outcome {
  readonly asked: readonly Question[];
  readonly error: BottleError | undefined;
  readonly planned: readonly Question[] | undefined;
  readonly calls: readonly string[];
}

/** Deploys as far as the images, which this engine does not have; nothing is written before. */
async function outcomeOf({ answers, before, env = {}, options = {} }: Case): Promise<Outcome> {
  const project = mkdtempSync(join(scratch, 'project-'));
  const home = mkdtempSync(join(scratch, 'home-'));
  const stateDir = join(home, 'state/demo');
  const requires: Partial<DeployRequirements> = { answers };
  const assemblyDir = writeAssembly(join(project, 'dist'), { requires });
  const replies: Answer[] = [ENGINE, COMPOSE];
  if (before !== undefined) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(join(stateDir, 'deployed.json'), JSON.stringify(recordOf(project, before.answers, before.record)));
    const [agent, sidecars] = [
      inspected('claude-bottle-demo', 'agent', stateDir),
      inspected('claude-bottle-sidecars-demo', 'sidecars', stateDir),
    ];
    const json = '"container inspect --format {{json .}}';
    replies.push(
      { call: '*"range .Config.Env"*id-of-agent', stdout: `"TICKET_USER=${HELD}=$x"\n"LANG=${HELD}"\n` },
      { call: '*"range .Config.Env"*id-of-sidecars', stdout: `"LANG=${HELD}-s"\n` },
      { call: `${json} claude-bottle-demo"`, stdout: agent },
      { call: `${json} claude-bottle-sidecars-demo"`, stdout: sidecars },
      { call: '"container inspect"*', stdout: agent + sidecars },
      { call: '"ps "*', stdout: 'id-of-agent\nid-of-sidecars\n' },
    );
  }
  replies.push(...NOTHING, { call: '"ps "*' }, { call: '"network ls"*' }, { call: '"volume ls"*' });
  const docker = fakeDocker([...replies, { call: '*', stderr: 'Error: No such image: x\n', code: 1 }]);
  const asked: Question[] = [];
  const listed = readdirSync(home, { recursive: true });
  let error: BottleError | undefined;
  let planned: readonly Question[] | undefined;
  try {
    const result = await deploy({
      assemblyDir,
      slugs: [],
      projectDir: project,
      home,
      env: { ...environmentWith(docker), ...env },
      progress: silent,
      ask: async (question) => {
        asked.push(question);
        return GIVEN;
      },
      ...options,
    });
    planned = result.bottles[0]?.asked;
  } catch (reason) {
    if (!(reason instanceof BottleError)) throw reason;
    error = reason;
  }
  const said = JSON.stringify([error, error?.message, error?.stack, planned, docker.calls()]);
  for (const value of [HELD, GIVEN, ...Object.values(env).filter((text) => text.trim() !== '')])
    assert.not.ok(said.includes(value), said);
  if (error?.code.startsWith('deploy/answer') === true) {
    assert.equal(readdirSync(home, { recursive: true }), listed, 'nothing is written');
  }
  const calls = docker.calls();
  docker.remove();
  return { asked, error, planned, calls };
}

const names = (questions: readonly Question[]): readonly string[] =>
  questions.map(({ slug, owner, name }) => `${slug}.${owner}.${name}`);

test('each variable is asked for once, also where two have one name', async () => {
  const { asked } = await outcomeOf({ answers: [USER, ...LANGS] });
  assert.equal(names(asked), ['demo.agent.TICKET_USER', 'demo.agent.LANG', 'demo.sidecars.LANG']);
});

test('what the bottle runs with is not asked for again, and nothing else of its environment is read', async () => {
  const { asked, calls } = await outcomeOf({ answers: [USER, ...LANGS], before: { answers: [USER, ...LANGS] } });
  assert.equal(asked, []);
  const reading = calls.filter((call) => call.includes('.Config.Env'));
  assert.is(reading.length, 2);
  for (const call of reading) assert.match(call, /if eq \(index \(split \. "="\) 0\) "(TICKET_USER|LANG)"/);
});

test('it is asked for again with --ask-again, and where the question or what is asked for has changed', async () => {
  const again = await outcomeOf({ answers: [USER], before: { answers: [USER] }, options: { askAgain: true } });
  assert.equal(names(again.asked), ['demo.agent.TICKET_USER']);
  const reworded = await outcomeOf({ answers: [USER], before: { answers: [{ ...USER, question: 'Whom?' }] } });
  assert.equal(names(reworded.asked), ['demo.agent.TICKET_USER']);
  const literal = await outcomeOf({ answers: [USER], before: { answers: [] } });
  assert.equal(names(literal.asked), ['demo.agent.TICKET_USER']);
});

test('an answer of a deploy that did not end is not taken for one', async () => {
  const { asked } = await outcomeOf({ answers: [USER], before: { answers: [USER], record: { complete: false } } });
  assert.equal(names(asked), ['demo.agent.TICKET_USER']);
});

test('where nobody can be asked, every question is an error that names its flag', async () => {
  const { error } = await outcomeOf({ answers: [USER, ...LANGS], options: { ask: undefined as never } });
  assert.is(error?.code, 'deploy/preflight');
  const details = error?.details.join('\n') ?? '';
  for (const flag of ['TICKET_USER', 'agent.LANG', 'sidecars.LANG']) {
    assert.match(details, `--answer ${flag}=HOST_VARIABLE`);
  }
  const one = await outcomeOf({ answers: [USER], options: { ask: undefined as never } });
  assert.is(one.error?.code, 'deploy/answer-missing');
});

test('a host variable answers without a person, the more exact flag first', async () => {
  const sources = [
    { name: 'LANG', owner: 'agent', from: 'A' },
    { name: 'LANG', from: 'B' },
    { name: 'TICKET_USER', slug: 'demo', owner: 'agent', from: 'C' },
  ] as const;
  const env = { A: 'answer-of-a', B: 'answer-of-b', C: 'answer-of-c' };
  const { asked, error } = await outcomeOf({ answers: [USER, ...LANGS], env, options: { answers: sources } });
  assert.equal(asked, []);
  assert.not.match(error?.code ?? '', /answer/);
});

test('a flag whose variable is not there, empty or of two lines is an error that shows neither name nor value', async () => {
  const cases: readonly Readonly<Record<string, string>>[] = [{}, { hunter2: '  ' }, { hunter2: 'one-one\ntwo-two' }];
  for (const env of cases) {
    const options = { answers: [{ name: 'TICKET_USER', from: 'hunter2' }], ask: undefined as never };
    const { error } = await outcomeOf({ answers: [USER], env, options });
    assert.is(error?.code, 'deploy/answer-unusable');
    assert.not.match(`${error?.message} ${error?.fix} ${error?.details}`, 'hunter2');
  }
});

test('a flag that answers nothing, twice, or two different questions is a mistake of the command line', async () => {
  const wrong = [
    [{ name: 'NOBODY', from: 'A' }],
    [{ name: 'TICKET_USER', slug: 'other', owner: 'agent', from: 'A' }],
    [{ name: 'TICKET_USER', owner: 'sidecars', from: 'A' }],
    [
      { name: 'TICKET_USER', from: 'A' },
      { name: 'TICKET_USER', from: 'B' },
    ],
    [{ name: 'LANG', from: 'A' }],
  ] as const;
  for (const [index, answers] of wrong.entries()) {
    const { error, asked } = await outcomeOf({
      answers: [USER, ...LANGS],
      env: { A: 'xyzxyzxyz' },
      options: { answers },
    });
    assert.is(error?.exitCode, 2, `case ${index}: ${error?.message}`);
    assert.equal(asked, []);
  }
});

test('a dry run asks nothing, needs no answer, and says what would be asked', async () => {
  const options = { dryRun: true, ask: undefined as never };
  assert.equal(names((await outcomeOf({ answers: [USER], options })).planned ?? []), ['demo.agent.TICKET_USER']);
  const known = await outcomeOf({ answers: [USER], before: { answers: [USER] }, options });
  assert.equal(known.planned, [], known.error?.message);
});

test('an answer that no environment can hold is refused, whoever gave it', async () => {
  for (const answer of ['', 'a\nb', 'a\0b', 'x'.repeat(40_000)]) {
    const { error } = await outcomeOf({ answers: [USER], options: { ask: async () => answer } });
    assert.is(error?.code, 'deploy/answer-unusable');
  }
});

test.run();
