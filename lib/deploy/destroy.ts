/** Destroy: takes bottles down and keeps their data, unless told otherwise. Needs no assembly. */

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BottleError, reasonOf } from '../errors.ts';
import { AUDIT_DIR } from '../operate/audit/index.ts';
import { GRANTS_FILE } from '../operate/grants/index.ts';
import {
  type BottleOwner,
  createDocker,
  type Docker,
  interrupted,
  isContainerOf,
  labelledContainers,
  redactor,
} from '../operate/index.ts';
import { readDeployed } from '../operate/state/deployed.ts';
import { homeDirectory, stateDirectory, stateDirectoryProblem, statesDirectory } from '../operate/state/directory.ts';
import { withLock } from '../operate/state/lock.ts';
import { DNS_LABEL, LABEL } from '../plan/index.ts';
import { askedVariables } from './answers/index.ts';
import { saveLogs } from './down/save-logs.ts';
import { type Belongings, belongings, removeContainers, removeNetworksAndVolumes } from './down/take-down.ts';
import type { DestroyedBottle, DestroyOptions, DestroyResult } from './options.ts';
import { readOwnFiles, removeEmptyDirectories } from './state/contents.ts';

/** Every bottle of `app` that has a state in `home` or runs from it; of an unnamed project, those that it deployed. */
async function deployedSlugs(
  docker: Docker,
  home: string,
  { app, unnamedProject }: DestroyOptions,
): Promise<readonly string[]> {
  const states = statesDirectory(home);
  const recorded = (existsSync(states) ? readdirSync(states) : []).filter((slug) => {
    const record = readDeployed(join(states, slug));
    return record?.app === app && (unnamedProject === undefined || record.projectDir === unnamedProject);
  });
  const containers = unnamedProject === undefined ? await labelledContainers(docker, LABEL.app, app) : [];
  const running = containers.flatMap((container) => {
    const slug = container.labels[LABEL.slug] ?? '';
    const isOurs =
      DNS_LABEL.test(slug) && isContainerOf(container, { slug, app, stateDir: stateDirectory(home, slug) });
    return isOurs ? [slug] : [];
  });
  return [...new Set([...recorded, ...running])].filter((slug) => DNS_LABEL.test(slug)).sort();
}

function assertOurs(owner: BottleOwner, found: Belongings): void {
  const problem = stateDirectoryProblem(owner.stateDir);
  if (problem !== undefined) throw problem;
  const recorded = readDeployed(owner.stateDir)?.app;
  const [foreign] = found.foreign;
  const app = recorded !== undefined && recorded !== owner.app ? recorded : foreign?.labels[LABEL.app];
  if (app === undefined || (found.containers.length > 0 && recorded === owner.app)) return;
  throw new BottleError('destroy/not-ours', `the bottle ${owner.slug} on this host is not of this app and state`, {
    details: [`it is of the app ${app}`],
    fix: 'destroy it from the project and with the CLAUDE_BOTTLE_HOME that deployed it',
  });
}

/** Files of the bottle, copies of git keys included; with `everything` its CAs and its queue, too. Logs and the audit log stay. */
function removeState(stateDir: string, everything: boolean): void {
  if (!existsSync(stateDir)) return;
  const kept = ['logs', AUDIT_DIR, ...(everything ? [] : ['ca', 'queue', GRANTS_FILE])];
  try {
    for (const name of readdirSync(stateDir)) {
      if (!kept.includes(name)) rmSync(join(stateDir, name), { recursive: true, force: true });
    }
    removeEmptyDirectories(stateDir);
    if (readdirSync(stateDir).length === 0) rmdirSync(stateDir);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new BottleError('destroy/state-not-removable', `the state directory cannot be emptied: ${reason}`, {
      fix: `remove ${stateDir} by hand`,
      cause,
    });
  }
}

interface Question {
  readonly text: string;
  /** What has to be confirmed, and how to do without, where nobody can be asked. */
  readonly what: string;
  readonly fix: string;
}

async function agreed({ yes, confirm }: DestroyOptions, { text, what, fix }: Question): Promise<boolean> {
  if (yes === true) return true;
  if (confirm !== undefined) return confirm(text);
  throw new BottleError('destroy/needs-confirmation', `${what} has to be confirmed`, { fix });
}

const dataQuestion = (slug: string, volumes: readonly string[]): Question => ({
  text: `Remove the data of bottle ${slug} for good (${volumes.join(', ')})?`,
  what: `destroying the data of bottle ${slug}`,
  fix: 'say so with --yes, or leave --volumes out to keep the data',
});

const unnamedQuestion = (slugs: readonly string[], directory: string): Question => ({
  text: `The app in ${directory} has no name of its own. Take down what was deployed from there: ${slugs.join(', ')}?`,
  what: `taking down ${slugs.join(', ')}, deployed from ${directory} whose app has no name of its own,`,
  fix: 'name the bottles, or say so with --yes; a package.json with a name would tell the app from others',
});

const untouched = (slug: string): DestroyedBottle => ({
  slug,
  outcome: 'declined',
  dryRun: false,
  removed: { containers: [], networks: [], volumes: [] },
  keptVolumes: [],
  logs: [],
});

async function destroyOne(docker: Docker, owner: BottleOwner, options: DestroyOptions): Promise<DestroyedBottle> {
  const { progress, volumes: withVolumes = false, dryRun = false, env, signal } = options;
  const { slug, stateDir } = owner;
  const found = await belongings(docker, owner);
  assertOurs(owner, found);
  const volumes = withVolumes ? found.volumes : [];
  const outcome = (result: DestroyedBottle['outcome'], logs: readonly string[]): DestroyedBottle => ({
    slug,
    outcome: result,
    dryRun,
    removed:
      result === 'destroyed'
        ? { containers: found.containers.map(({ name }) => name), networks: found.networks, volumes }
        : { containers: [], networks: [], volumes: [] },
    keptVolumes: result === 'destroyed' ? found.volumes.filter((name) => !volumes.includes(name)) : found.volumes,
    logs,
  });
  const hasState = readOwnFiles(stateDir).size > 0 && (withVolumes || readDeployed(stateDir) !== undefined);
  if (found.containers.length + found.networks.length + volumes.length === 0 && !hasState) {
    progress.say(`bottle ${slug} is not deployed; nothing to do`);
    return outcome('absent', []);
  }
  if (dryRun) return outcome('destroyed', []);
  if (volumes.length > 0 && !(await agreed(options, dataQuestion(slug, volumes)))) return outcome('declined', []);
  const record = readDeployed(stateDir);
  const answers = await askedVariables(docker, owner, record);
  const redact = redactor({ ...env, ...answers }, [
    ...(record?.tokens ?? []).map(({ from }) => from),
    ...Object.keys(answers),
  ]);
  const logs = await progress.step(`destroy bottle ${slug}`, async (note) => {
    note('saving logs');
    const saved = await saveLogs(env, found.containers, stateDir, redact);
    note('removing containers and networks');
    await removeContainers(docker, found.containers, { signal });
    removeState(stateDir, withVolumes);
    if (volumes.length > 0) note('removing data volumes, which takes long with many files');
    await removeNetworksAndVolumes(docker, { networks: found.networks, volumes }, { signal });
    return saved;
  });
  return outcome('destroyed', logs);
}

/**
 * Takes bottles down: saves their logs to `<state>/logs`, removes containers and networks that are ours by label, and
 * keeps data volumes and CAs unless `volumes`. A bottle of which nothing exists is no error.
 */
export async function destroy(options: DestroyOptions): Promise<DestroyResult> {
  const { env, app, signal } = options;
  const home = options.home ?? homeDirectory(env);
  const docker = createDocker({ env });
  const slugs = options.slugs.length > 0 ? [...new Set(options.slugs)] : await deployedSlugs(docker, home, options);
  const invalid = slugs.filter((slug) => !DNS_LABEL.test(slug));
  if (invalid.length > 0) {
    throw new BottleError('usage/unknown-bottle', `not the name of a bottle: ${invalid.join(', ')}`, { exitCode: 2 });
  }
  if (slugs.length === 0) options.progress.say(`no bottle of ${app} is deployed; nothing to do`);
  const { unnamedProject, dryRun = false } = options;
  if (options.slugs.length === 0 && slugs.length > 0 && unnamedProject !== undefined && !dryRun) {
    if (!(await agreed(options, unnamedQuestion(slugs, unnamedProject)))) return { bottles: slugs.map(untouched) };
  }
  const bottles: DestroyedBottle[] = [];
  for (const slug of slugs) {
    if (signal?.aborted === true) throw interrupted();
    const owner: BottleOwner = { slug, app, stateDir: stateDirectory(home, slug) };
    const work = () => destroyOne(docker, owner, options);
    bottles.push(await (dryRun ? work() : withLock(home, slug, work)));
  }
  return { bottles };
}
