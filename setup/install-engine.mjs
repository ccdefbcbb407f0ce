/** A Docker engine with compose and buildx, installed where they are missing. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  announceInstallation,
  candidate,
  install,
  installFiles,
  NEWER_SUITE,
  osRelease,
  refreshLists,
  withNewerPackages,
} from './debian.mjs';
import { programPath, run } from './run.mjs';
import { SetupError } from './say.mjs';

/** Where every user's docker command looks for plugins. */
const PLUGIN_FOLDER = '/usr/local/lib/docker/cli-plugins';

/** The lowest Compose that bottles work with. */
const COMPOSE_FLOOR = [2, 20];

/** @param {string} text @returns {boolean} whether the version is at least {@link COMPOSE_FLOOR} */
export function composeIsNewEnough(text) {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const [floorMajor = 0, floorMinor = 0] = COMPOSE_FLOOR;
  return Number(major) > floorMajor || (Number(major) === floorMajor && Number(minor) >= floorMinor);
}

async function hasCompose() {
  const { code, output } = await run('docker', ['compose', 'version', '--short']);
  return code === 0 && composeIsNewEnough(output);
}

const hasBuildx = async () => (await run('docker', ['buildx', 'version'])).code === 0;

/** The packages of the engine that this machine lacks; none where an engine answers. @param {boolean} answers */
async function enginePackages(answers) {
  const names = [];
  if (!answers && programPath('dockerd') === undefined) names.push('docker.io');
  if (!answers && programPath('iptables') === undefined) names.push('iptables');
  // Newer releases have the command in a package of its own.
  if (programPath('docker') === undefined && (await candidate('docker-cli')) !== undefined) names.push('docker-cli');
  return names;
}

/** A package of this release that has the plugin in a version that will do. @param {'compose' | 'buildx'} plugin */
async function pluginPackage(plugin) {
  const names = plugin === 'compose' ? ['docker-compose-v2', 'docker-compose'] : ['docker-buildx'];
  for (const name of names) {
    const version = await candidate(name);
    if (version !== undefined && (plugin === 'buildx' || composeIsNewEnough(version))) return name;
  }
  return undefined;
}

/** @param {readonly ('compose' | 'buildx')[]} plugins */
async function installPlugins(plugins) {
  await refreshLists();
  const elsewhere = [];
  for (const plugin of plugins) {
    const name = await pluginPackage(plugin);
    if (name === undefined) elsewhere.push(plugin);
    else await install([name]);
  }
  if (elsewhere.length === 0) return;
  if (osRelease().id !== 'debian') throw new SetupError(`this release has no package of ${elsewhere.join(' and ')}`);
  const packages = elsewhere.map((plugin) => `docker-${plugin}`);
  await withNewerPackages(packages, async (folder) => {
    const found = ['usr/libexec/docker/cli-plugins', 'usr/lib/docker/cli-plugins'].map((path) => join(folder, path));
    const files = found
      .filter((path) => existsSync(path))
      .flatMap((path) => readdirSync(path).map((name) => join(path, name)));
    await installFiles(files, PLUGIN_FOLDER);
  });
}

/** Installs what is missing of engine, compose and buildx. @param {boolean} answers whether an engine answers */
export async function installEngine(answers) {
  const needsEngine = programPath('docker') === undefined || (!answers && programPath('dockerd') === undefined);
  if (needsEngine || (!answers && programPath('iptables') === undefined)) {
    await announceInstallation('no Docker engine answers', 'docker.io and iptables from this system’s packages');
    await refreshLists();
    await install(await enginePackages(answers));
  }
  /** @type {('compose' | 'buildx')[]} */
  const plugins = [];
  if (!(await hasCompose())) plugins.push('compose');
  if (!(await hasBuildx())) plugins.push('buildx');
  if (plugins.length === 0) return;
  const where = `of this release, or from ${NEWER_SUITE} into ${PLUGIN_FOLDER}`;
  await announceInstallation(`docker has no usable ${plugins.join(' and ')}`, `the plugin packages ${where}`);
  await installPlugins(plugins);
}
