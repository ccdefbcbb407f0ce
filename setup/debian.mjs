/** Installing packages on Debian and Ubuntu, after saying so. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineSources, sourcesOfSuite } from './apt-sources.mjs';
import { must, programPath, run } from './run.mjs';
import { SetupError, say } from './say.mjs';

/** Set to anything but the empty string, it keeps the set-up from installing system packages. */
export const NO_INSTALL = 'CLAUDE_BOTTLE_NO_INSTALL';

/** The suite whose packages stand in where a release has none of its own. */
export const NEWER_SUITE = 'trixie';

/** @param {string} [file] @returns {{ id: string, codename: string, debianFamily: boolean }} */
export function osRelease(file = '/etc/os-release') {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  /** @param {string} name */
  const field = (name) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const id = field('ID');
  const family = [id, ...field('ID_LIKE').split(' ')];
  return {
    id,
    codename: field('VERSION_CODENAME'),
    debianFamily: family.includes('debian') || family.includes('ubuntu'),
  };
}

export const isRoot = () => process.getuid?.() === 0;

/** The command as root: itself, or through sudo. @param {string} file @param {readonly string[]} args */
export const asRoot = (file, args) =>
  isRoot() ? { file, args: [...args] } : { file: 'sudo', args: ['-n', file, ...args] };

/** @param {string} file @param {readonly string[]} args */
async function mustAsRoot(file, args) {
  const command = asRoot(file, args);
  return must(command.file, command.args);
}

/**
 * Stops with a message unless this machine is one where the set-up may install `what`.
 *
 * @param {string} why what is missing
 * @param {string} what what is going to be installed
 */
export async function announceInstallation(why, what) {
  if ((process.env[NO_INSTALL] ?? '') !== '')
    throw new SetupError(`${why}, and ${NO_INSTALL} is set: install ${what} yourself`);
  if (!osRelease().debianFamily) {
    throw new SetupError(`${why}: install ${what} (set-up does so only on Debian and Ubuntu), then run this again`);
  }
  if (!isRoot() && (await run('sudo', ['-n', 'true'])).code !== 0) {
    throw new SetupError(`${why}: install ${what} as root, then run this again`);
  }
  say(`${why}; installing ${what} (set ${NO_INSTALL}=1 to prevent this)`);
}

let listsAreFresh = false;

/** Brings APT's package lists up to date, once. */
export async function refreshLists() {
  if (!listsAreFresh) await mustAsRoot('apt-get', ['update', '-qq']);
  listsAreFresh = true;
}

/** @param {string} name @returns {Promise<string | undefined>} version that APT would install */
export async function candidate(name) {
  const { output } = await run('apt-cache', ['policy', name], { env: { ...process.env, LC_ALL: 'C' } });
  const version = /^ {2}Candidate: (\S+)$/m.exec(output)?.[1];
  return version === '(none)' ? undefined : version;
}

/** @param {readonly string[]} names */
export async function install(names) {
  await refreshLists();
  await mustAsRoot('env', [
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    ...names,
  ]);
}

/**
 * Installs the packages of the programs that are missing.
 *
 * @param {Readonly<Record<string, string>>} packages package by program
 * @param {string} purpose
 */
export async function installMissing(packages, purpose) {
  const missing = Object.entries(packages).filter(([program]) => programPath(program) === undefined);
  if (missing.length === 0) return;
  const programs = missing.map(([program]) => program).join(', ');
  const names = missing.map(([, name]) => name);
  await announceInstallation(`${purpose} needs ${programs}`, `the packages ${names.join(' ')}`);
  await install(names);
}

/**
 * Unpacks packages of {@link NEWER_SUITE} without installing them, from this machine's own mirror and with its keys.
 *
 * @template T
 * @param {readonly string[]} names
 * @param {(folder: string) => Promise<T>} use what to do with the unpacked files
 */
export async function withNewerPackages(names, use) {
  const { codename } = osRelease();
  const sources = sourcesOfSuite(machineSources(), codename, NEWER_SUITE);
  if (sources.length === 0)
    throw new SetupError(`found no Debian mirror in the APT sources of this ${codename} machine`);
  const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-apt-'));
  try {
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(folder, 'cache', 'archives', 'partial'), { recursive: true });
    writeFileSync(join(folder, 'sources.list'), `${sources.join('\n')}\n`);
    const options = [
      ['Dir::Etc::SourceList', join(folder, 'sources.list')],
      ['Dir::Etc::SourceParts', '/dev/null'],
      ['Dir::State::Lists', join(folder, 'lists')],
      ['Dir::Cache', join(folder, 'cache')],
      ['APT::Sandbox::User', 'root'],
    ].map(([name, value]) => `-o${name}=${value}`);
    await must('apt-get', [...options, 'update', '-qq']);
    for (const name of names) await must('apt-get', [...options, 'download', '-qq', name], { cwd: folder });
    await must('sh', ['-c', 'for deb in *.deb; do dpkg -x "$deb" unpacked; done'], { cwd: folder });
    return await use(join(folder, 'unpacked'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies files to a folder of the system. @param {readonly string[]} files @param {string} folder */
export async function installFiles(files, folder) {
  await mustAsRoot('install', ['-d', folder]);
  await mustAsRoot('install', ['-m', '0755', '-t', folder, ...files]);
}
