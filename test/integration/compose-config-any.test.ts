/**
 * The real `docker compose` accepts what synth writes of generated apps, and reads it as it was meant; no engine is
 * needed for that.
 *
 * FC_SEED=7 FC_RUNS=200 npm run -s test:run -- test/integration/compose-config-any.test.ts   for other and more apps
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { judgeInput } from '../../constructs/app.ts';
import { type DeployRequirements, synthesize } from '../../lib/assembly/index.ts';
import { answerSlotName, type BottlePlan } from '../../lib/plan/index.ts';
import { anyApp, anyContext, appFrom } from '../support/any-app.ts';
import { plainText } from '../support/read-compose.ts';
import { runs } from '../support/runs.ts';
import { suite } from '../support/suite.ts';

const test = suite('docker compose config of generated apps', { timeoutMs: 900_000 });

const SEED = Number(process.env['FC_SEED'] ?? 2026);
const { numRuns } = runs(25);
/** At once: the machine may have two processors. */
const WORKERS = 2;

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-compose-config-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

interface Configured {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment?: Readonly<Record<string, string | null>>;
        readonly labels?: Readonly<Record<string, string>>;
        readonly command: readonly string[];
      }
    >
  >;
}

/** Values for all that the document takes from the environment. */
function environmentFor({ hostVariables, answers, tokens }: DeployRequirements): Readonly<Record<string, string>> {
  const names = [
    ...hostVariables.map(({ name }) => name),
    ...answers.map(({ owner, name }) => answerSlotName(owner, name)),
    ...tokens.map(({ slot }) => slot),
  ];
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: scratch,
    CLAUDE_BOTTLE_PROJECT_DIR: '/project',
    ...Object.fromEntries(names.map((name) => [name, `value of ${name}`])),
  };
}

interface Case {
  readonly plan: BottlePlan;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Every bottle of every app, written. */
function written(): readonly Case[] {
  const apps = fc.sample(fc.tuple(anyApp, anyContext), { numRuns, seed: SEED });
  return apps.flatMap(([recipes, context], index) => {
    const input = judgeInput(appFrom(recipes, context));
    const { outdir, manifest } = synthesize({ ...input, outdir: join(scratch, String(index)) });
    return input.plans.flatMap((plan) => {
      const bottle = manifest.bottles[plan.slug];
      if (bottle === undefined) throw new Error(`no ${plan.slug} in the manifest`);
      return [{ plan, file: join(outdir, plan.slug, 'compose.yaml'), environment: environmentFor(bottle.requires) }];
    });
  });
}

/** What compose makes of one bottle's file, or fails with what it says and how to have the bottle again. */
async function configured({ plan, file, environment }: Case): Promise<Configured> {
  const result = await execa('docker', ['compose', '--file', file, 'config', '--format', 'json'], {
    env: environment,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  const again = `bottle ${plan.path}, FC_SEED=${SEED} FC_RUNS=${numRuns}`;
  assert.is(result.exitCode, 0, `${again}: ${result.stderr}`);
  assert.is(result.stderr, '', `${again}: a warning`);
  return JSON.parse(result.stdout) as Configured;
}

/** The labels, the command and the variables of the agent, as compose understood them: it escapes what it prints. */
function assertMeant({ plan, environment }: Case, { services }: Configured): void {
  const agent = services['agent'];
  const given = Object.fromEntries(
    plan.agent.env.map((variable) => {
      if (variable.kind === 'literal') return [variable.name, variable.value];
      const from = variable.kind === 'host' ? variable.from : answerSlotName('agent', variable.name);
      return [variable.name, environment[from]];
    }),
  );
  for (const [name, value] of Object.entries(given)) {
    assert.is(plainText(agent?.environment?.[name] ?? ''), value, `${plan.path} variable ${name}, FC_SEED=${SEED}`);
  }
  for (const [name, value] of Object.entries(plan.labels)) {
    assert.is(plainText(agent?.labels?.[name] ?? ''), value, `${plan.path} label ${name}, FC_SEED=${SEED}`);
  }
  if (plan.agent.overrides.length === 0) assert.equal(agent?.command.map(plainText), plan.agent.command);
}

test('accepts each without a warning, and reads each text of the agent as it was given', async () => {
  const queue = [...written()];
  assert.ok(queue.length >= numRuns);
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      assertMeant(next, await configured(next));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
});

test('is asked for real: a document that names a network which is not there is refused', async () => {
  const [first] = written();
  if (first === undefined) throw new Error('no bottle');
  const { exitCode, stderr } = await execa(
    'docker',
    ['compose', '--file', first.file, '--file', '-', 'config', '--quiet'],
    {
      env: first.environment,
      extendEnv: false,
      reject: false,
      input: 'services: { agent: { networks: [nowhere] } }',
    },
  );
  assert.is.not(exitCode, 0);
  assert.match(stderr, /nowhere/);
});

test.run();
