/** Child processes, on Node's own modules. */

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './say.mjs';

/** @typedef {{ code: number, output: string }} Result  `output` is stdout and stderr in one. */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

let stopping = false;

/**
 * Passes a signal on to every child that still runs, and lets no further one start.
 *
 * @param {NodeJS.Signals} signal
 */
export function stopChildren(signal) {
  stopping = true;
  // A key press reaches the whole foreground group of a terminal: children have it already.
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  for (const child of running) child.kill(signal);
}

/**
 * Runs a program to its end.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ show?: boolean, env?: NodeJS.ProcessEnv, cwd?: string, last?: boolean }} [options] `show`: the terminal is the
 * child's; `last`: part of cleaning up, so it starts although the set-up is being stopped
 * @returns {Promise<Result>} code 127 where there is no such program
 */
export function run(file, args, { show = false, env = process.env, cwd, last = false } = {}) {
  if (stopping && !last) return Promise.reject(new SetupError('stopped'));
  return new Promise((resolve) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = show ? 'inherit' : ['ignore', 'pipe', 'pipe'];
    const child = spawn(file, args, { stdio, env, cwd });
    running.add(child);
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    /** @param {number} code */
    const end = (code) => {
      running.delete(child);
      resolve({ code, output: Buffer.concat(chunks).toString() });
    };
    child.on('error', () => end(127));
    child.on('close', (code) => end(code ?? 1));
  });
}

/**
 * Runs a program that must succeed.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ show?: boolean, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<string>} its output
 */
export async function must(file, args, options) {
  const { code, output } = await run(file, args, options);
  if (code !== 0) throw new SetupError(`${file} ${args.join(' ')} failed (exit code ${code})\n${output}`);
  return output;
}

/** Folders of administration that a user's PATH may lack. */
const ADMIN_PATH = ['/usr/sbin', '/sbin'];

/** @param {string} name @returns {string | undefined} the path of the program `name` */
export function programPath(name) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...ADMIN_PATH];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
