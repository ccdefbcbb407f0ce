/** Brings one bottle up, or leaves things as they were. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BottleError, reasonOf } from '../errors.ts';
import { DECLARED_DIR } from '../operate/apply/index.ts';
import type { Docker, Redact } from '../operate/index.ts';
import { DEPLOYED_FILE, type Deployed, deployedText, readDeployed } from '../operate/state/deployed.ts';
import { ensureDirectory } from '../operate/state/directory.ts';
import { AGENT_SERVICE, agentContainerName } from '../plan/index.ts';
import { agentHome } from './agent-home.ts';
import { type BottleImages, imagePins } from './bottle-images.ts';
import { bottleAuthorities } from './certificates/index.ts';
import { belongings } from './down/take-down.ts';
import type { DeployedBottle, DeployOptions } from './options.ts';
import { type ReadyBottle, skillDigests } from './preflight/index.ts';
import { auditGrants, policyNow } from './state/audit-grants.ts';
import { authorityNames, bottleFiles, ensureBottleDirectories, SKILLS_DIR } from './state/bottle-files.ts';
import {
  changedPaths,
  readOwnFiles,
  removeEmptyDirectories,
  replaceStateFiles,
  type StateFiles,
  textFile,
} from './state/contents.ts';
import { grantLines } from './state/live-grants.ts';
import type { ServiceAdditions } from './state/override.ts';
import { converge, isConverged } from './up/converge.ts';
import { bringUpFailure } from './up/failure.ts';
import type { BringUp } from './up/run.ts';
import { type Before, bringBack, ranWell, takeAway } from './up/undo.ts';
import { isWorkspacePlaced, placeWorkspace, protectedMounts } from './workspace/index.ts';

export interface BringUpInput {
  readonly ready: ReadyBottle;
  readonly images: BottleImages;
  readonly options: DeployOptions;
  readonly docker: Docker;
  readonly redact: Redact;
}

const WAIT_SECONDS = 120;

function recordOf({ ready, images, options }: BringUpInput): Deployed {
  const { bottle, skills } = ready;
  const { agent, sidecars, scanner } = images;
  const { workspace, answers } = bottle.manifest.requires;
  return {
    version: 1,
    slug: bottle.slug,
    app: bottle.app,
    path: bottle.manifest.path,
    projectDir: options.projectDir,
    complete: true,
    daemons: [...bottle.manifest.daemons],
    shape: bottle.manifest.shape,
    images: {
      agent: { reference: agent.reference, id: agent.id },
      sidecars: { reference: sidecars.reference, id: sidecars.id },
    },
    scanner,
    assembly: { ...bottle.manifest.files },
    hostVariables: bottle.manifest.requires.hostVariables.map(({ name }) => name),
    tokens: [...bottle.manifest.requires.tokens],
    ...(answers.length === 0 ? {} : { answers: [...answers] }),
    ...(skills.length === 0 ? {} : { skills: skillDigests(skills) }),
    ...(workspace === undefined ? {} : { workspace: workspace.name }),
  };
}

/** What the agent's image and what lies in its workspace add to what synth rendered. */
function agentAdditions({ workspace, compose }: ReadyBottle, { facts }: BottleImages): ServiceAdditions {
  const { environment = [], volumes = [] } = facts === undefined ? {} : agentHome(facts, compose).additions;
  return { environment, volumes: [...volumes, ...(workspace?.kind === 'bind' ? protectedMounts(workspace) : [])] };
}

async function wantedFiles({ ready, images, options }: BringUpInput): Promise<StateFiles> {
  const { bottle, compose, stateDir, trustedCAs, identityKeys, skills } = ready;
  const authorities = await bottleAuthorities(stateDir, bottle.slug, authorityNames(bottle.manifest.daemons));
  const { projectDir } = options;
  const bound = ready.workspace?.kind === 'bind' ? ready.workspace : undefined;
  return bottleFiles({
    bottle,
    projectDir,
    authorities,
    trustedCAs,
    identityKeys,
    skills,
    pins: imagePins(images, compose.services),
    additions: { [AGENT_SERVICE]: agentAdditions(ready, images) },
    ...(bound === undefined ? {} : { guarded: bound.protection.guarded }),
  });
}

const without = (files: StateFiles, path: string): StateFiles => {
  const rest = new Map(files);
  rest.delete(path);
  return rest;
};

async function undo(input: BringUpInput, run: BringUp, before: Before, changed: readonly string[]): Promise<string> {
  const { progress, keepFailed = false } = input.options;
  if (keepFailed) return 'it is left as it is; take it down with bottle destroy';
  if (!ranWell(before)) {
    await progress.step('remove what was started', () => takeAway(run, before));
    return 'nothing of it is left';
  }
  try {
    await progress.step('bring the previous version back', () => bringBack(run, before, changed, input.options.env));
    return 'the previous version runs again';
  } catch (error) {
    const reason = reasonOf(error);
    return `the previous version could not be brought back: ${input.redact(reason)}`;
  }
}

/** The error to show, with what became of the bottle as its last line. */
async function told(input: BringUpInput, error: unknown, outcome: () => Promise<string>): Promise<unknown> {
  if (!(error instanceof BottleError)) {
    await outcome();
    return error;
  }
  const { docker, ready, redact } = input;
  const failure = error.code === 'interrupted' ? error : await bringUpFailure(docker, ready, error, redact);
  const what = await outcome();
  return new BottleError(failure.code, `${failure.message}; ${what}`, {
    details: failure.details,
    ...(failure.fix === undefined ? {} : { fix: failure.fix }),
    cause: error,
  });
}

async function change(input: BringUpInput, run: BringUp, files: StateFiles): Promise<readonly string[]> {
  const { docker, ready } = input;
  const { stateDir } = ready;
  const before: Before = {
    stateExisted: existsSync(stateDir),
    files: readOwnFiles(stateDir),
    belongings: await belongings(docker, ready.owner),
  };
  const record = recordOf(input);
  const withRecord = (complete: boolean): StateFiles =>
    new Map([...files, [DEPLOYED_FILE, textFile(deployedText({ ...record, complete }))]]);
  const changed = changedPaths(without(before.files, DEPLOYED_FILE), files);
  try {
    ensureDirectory(stateDir, 0o700);
    replaceStateFiles(stateDir, before.files, withRecord(false));
    ensureBottleDirectories(stateDir, ready.bottle.manifest);
    if (existsSync(join(stateDir, SKILLS_DIR))) removeEmptyDirectories(join(stateDir, SKILLS_DIR));
    await placeWorkspace(ready, input.options);
    const { changes } = await converge(run, changed);
    replaceStateFiles(stateDir, withRecord(false), withRecord(true));
    const isNew = before.belongings.containers.length === 0;
    // What is kept as declared says nothing that the files themselves do not.
    const told = changed.filter((path) => !path.startsWith(`${DECLARED_DIR}/`));
    return isNew ? changes : [...told.map((path) => `${path}: changed`), ...changes];
  } catch (error) {
    throw await told(input, error, () => undo(input, run, before, changed));
  }
}

/** Deploys one bottle whose images exist. The caller holds its lock. */
export async function bringUp(input: BringUpInput): Promise<DeployedBottle> {
  const { ready, images, options, docker } = input;
  const { bottle, stateDir, owner } = ready;
  const { progress, projectDir, signal, waitSeconds = WAIT_SECONDS } = options;
  const started = Date.now();
  const files = await wantedFiles(input);
  const current = readOwnFiles(stateDir);
  const run: BringUp = { docker, ready, images, projectDir, waitMs: waitSeconds * 1000, signal, note: () => {} };
  const isSame =
    isWorkspacePlaced(ready) &&
    isDeepStrictEqual(readDeployed(stateDir), recordOf(input)) &&
    changedPaths(without(current, DEPLOYED_FILE), files).length === 0 &&
    (await isConverged(run));

  const result = (outcome: DeployedBottle['outcome'], changes: readonly string[]): DeployedBottle => ({
    slug: bottle.slug,
    outcome,
    dryRun: false,
    changes,
    container: agentContainerName(bottle.slug),
    daemons: bottle.manifest.daemons,
    images: { agent: images.agent.reference, sidecars: images.sidecars.reference },
    scanner: images.scanner,
    stateDir,
    grants: bottle.live === undefined ? [] : grantLines(bottle.live),
    asked: ready.pending,
    seconds: (Date.now() - started) / 1000,
  });
  const { live } = bottle;
  const policy = policyNow(stateDir);
  const oldTokens = ready.previous?.tokens ?? [];
  if (isSame) {
    progress.say(`bottle ${bottle.slug} runs what is declared; nothing to do`);
    return result('unchanged', []);
  }
  const isNew = (await belongings(docker, owner)).containers.length === 0;
  const changes = await progress.step(`bottle ${bottle.slug}`, (note) => change(input, { ...run, note }, files));
  if (live !== undefined) {
    auditGrants(stateDir, live, policy, { old: oldTokens, now: bottle.manifest.requires.tokens });
  }
  return result(isNew ? 'created' : changes.length === 0 ? 'unchanged' : 'updated', changes);
}
