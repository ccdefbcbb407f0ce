/** Everything that can be known to go wrong, found before anything is touched, and told at once. */

import { basename, dirname } from 'node:path';
import { BottleError } from '../../errors.ts';
import { type BottleOwner, type Docker, dockerVersions } from '../../operate/index.ts';
import { type Deployed, readDeployed } from '../../operate/state/deployed.ts';
import { stateDirectory, stateDirectoryProblem } from '../../operate/state/directory.ts';
import { type AnswerOptions, type Answers, type Question, withAnswers } from '../answers/index.ts';
import type { AssembledBottle } from '../assembly.ts';
import { type ComposeFile, parseComposeFile } from '../compose-file.ts';
import type { HostPaths } from '../host-files/host-path.ts';
import { judgeWorkspace, type ReadyWorkspace } from '../workspace/index.ts';
import { type AppPaths, appPaths, writtenPathProblems } from './app-paths.ts';
import { bindSourceProblems } from './bind-sources.ts';
import { hostVariableProblems, hostVariableValues } from './host-variables.ts';
import { readIdentityFiles } from './identity-files.ts';
import { externalNetworkProblems, nameProblems } from './names.ts';
import { readSkills, type Skill } from './skills.ts';
import { readTrustedCAs } from './trusted-cas.ts';

/** A bottle of which nothing known stands in the way of its deploy. */
export interface ReadyBottle {
  readonly bottle: AssembledBottle;
  readonly compose: ComposeFile;
  readonly stateDir: string;
  readonly owner: BottleOwner;
  readonly previous: Deployed | undefined;
  readonly identityKeys: ReadonlyMap<string, string>;
  readonly trustedCAs: string;
  /** Of the host, where deploy has something to do for it. */
  readonly workspace?: ReadyWorkspace;
  /** What compose gets in its environment: of answers those that are known. */
  readonly values: Readonly<Record<string, string>>;
  /** The answers that the bottle runs with now, by slot. */
  readonly held: Answers;
  readonly skills: readonly Skill[];
  /** What is odd, and yet no reason not to deploy. */
  readonly warnings: readonly string[];
  /** What a person has to be asked. */
  readonly pending: readonly Question[];
}

export interface PreflightOptions extends HostPaths {
  readonly home: string;
  readonly assemblyDir: string;
  readonly docker: Docker;
  /** All bottles of the app, also those that are not deployed now: one could write what another reads. */
  readonly app: readonly AssembledBottle[];
  readonly answers: AnswerOptions;
}

function composeOf({ slug, files }: AssembledBottle): ComposeFile {
  const text = files.get('compose.yaml');
  if (text !== undefined) return parseComposeFile(text.toString());
  throw new BottleError('deploy/bad-compose-file', `bottle ${slug} has no compose.yaml`, {
    fix: 'run bottle synth for the target compose',
  });
}

function stateProblems(stateDir: string, { app }: AssembledBottle, previous: Deployed | undefined): BottleError[] {
  const problem = stateDirectoryProblem(dirname(stateDir)) ?? stateDirectoryProblem(stateDir);
  if (problem !== undefined) return [problem];
  if (previous === undefined || previous.app === app) return [];
  const slug = basename(stateDir);
  return [
    new BottleError('deploy/slug-of-another-app', `the slug ${slug} belongs to the app ${previous.app} on this host`, {
      fix: `give the bottle another slug or a suffix (-c suffix=…), or destroy the other one in ${previous.projectDir}`,
    }),
  ];
}

/** What is wrong with one bottle, as far as that can be known without an engine. */
function judge(
  bottle: AssembledBottle,
  { binds, inputs }: AppPaths,
  options: PreflightOptions,
): { ready: ReadyBottle; problems: BottleError[] } {
  const { requires } = bottle.manifest;
  const stateDir = stateDirectory(options.home, bottle.slug);
  const { keys, problems: keyProblems } = readIdentityFiles(requires.identityFiles, options);
  const { pem, problems: caProblems } = readTrustedCAs(requires.trustedCAs, options);
  const { skills, warnings, problems: skillProblems } = readSkills(requires.skills, { ...options, inputs });
  const previous = stateDirectoryProblem(stateDir) === undefined ? readDeployed(stateDir) : undefined;
  const compose = composeOf(bottle);
  const ready = {
    bottle,
    compose,
    stateDir,
    owner: { slug: bottle.slug, app: bottle.app, stateDir },
    previous,
    identityKeys: keys,
    trustedCAs: pem,
    values: hostVariableValues(
      requires.hostVariables.map(({ name }) => name),
      requires.tokens,
      options.env,
    ),
    skills,
    warnings,
    held: {},
    pending: [],
  };
  const problems = [
    ...stateProblems(stateDir, bottle, previous),
    ...hostVariableProblems(requires, options.env),
    ...keyProblems,
    ...caProblems,
    ...skillProblems,
    ...bindSourceProblems(
      binds.filter(({ slug }) => slug === bottle.slug),
      { ...options, inputs },
    ),
  ];
  return { ready, problems };
}

async function engineProblems(ready: readonly ReadyBottle[], docker: Docker): Promise<readonly BottleError[]> {
  const problems = await Promise.all(
    ready.flatMap(({ compose, owner, bottle }) => [
      nameProblems(docker, compose, owner),
      externalNetworkProblems(docker, bottle.manifest.requires.externalNetwork),
    ]),
  );
  return problems.flat();
}

/** Bottles with their workspaces on this host, and what is wrong with these. */
async function withWorkspaces(
  bottles: readonly ReturnType<typeof judge>[],
  options: PreflightOptions,
): Promise<{ readonly ready: readonly ReadyBottle[]; readonly problems: readonly BottleError[] }> {
  const judged = await Promise.all(
    bottles.map(async ({ ready, problems }) => {
      // What may not be mounted is not looked through: it could be the whole disk.
      const isRefused = problems.some(({ code }) => code.startsWith('deploy/bind-source'));
      const need = isRefused ? undefined : ready.bottle.manifest.requires.workspace;
      return { one: ready, ...(await judgeWorkspace(need, options)) };
    }),
  );
  return {
    ready: judged.map(({ one, workspace }) => (workspace === undefined ? one : { ...one, workspace })),
    problems: judged.flatMap(({ problems }) => problems),
  };
}

/** One problem as it is, several as one error that lists them. */
function combined(problems: readonly BottleError[]): BottleError {
  const [first, ...more] = problems;
  if (first === undefined) throw new Error('no problem to report');
  if (more.length === 0) return first;
  return new BottleError('deploy/preflight', `${problems.length} things stand in the way of this deploy`, {
    details: problems.map(({ message, fix }) => (fix === undefined ? message : `${message}: ${fix}`)),
    fix: 'mend all of them, then deploy again',
  });
}

/** Checks machine and bottles. Throws one error that names every problem. */
export async function preflight(
  bottles: readonly AssembledBottle[],
  options: PreflightOptions,
): Promise<readonly ReadyBottle[]> {
  const { docker, app } = options;
  const paths = appPaths(
    app.map((bottle) => ({ bottle, compose: composeOf(bottle) })),
    options,
  );
  const [versions, judged] = await Promise.all([
    dockerVersions(docker),
    Promise.resolve(bottles.map((bottle) => judge(bottle, paths, options))),
  ]);
  const placed = await withWorkspaces(judged, options);
  let { ready } = placed;
  const problems = [...judged.flatMap((one) => one.problems), ...writtenPathProblems(paths), ...placed.problems];
  if ('engine' in versions) {
    problems.push(...(await engineProblems(ready, docker)));
    const answered = await withAnswers(docker, ready, options.answers);
    problems.push(...answered.problems);
    ready = answered.ready;
  } else problems.unshift(...versions);
  if (problems.length > 0) throw combined(unique(problems));
  return ready;
}

/** Two bottles that miss the same variable are one problem. */
const unique = (problems: readonly BottleError[]): BottleError[] => [
  ...new Map(problems.map((problem) => [problem.message, problem])).values(),
];
