/** The Docker engine of this machine: used where one answers, started (and stopped again) where none does. */

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRoot, isRoot } from './debian.mjs';
import { installEngine } from './install-engine.mjs';
import { must, run } from './run.mjs';
import { SetupError, say } from './say.mjs';

const START_SECONDS = 60;
const STOP_SECONDS = 60;
/** An engine that a package has just started needs a moment. */
const GRACE_SECONDS = 10;

/** An engine that was started here. @typedef {{ pid: number, log: string, stop: () => Promise<void> }} StartedEngine */

/** @returns {Promise<'answers' | 'forbidden' | 'silent'>} */
async function engineState() {
  const { code, output } = await run('docker', ['version', '--format', '{{.Server.Version}}']);
  if (code === 0) return 'answers';
  return /permission denied/i.test(output) ? 'forbidden' : 'silent';
}

/** Waits until `condition` holds, or `seconds` are over. @param {number} seconds @param {() => Promise<boolean>} condition */
async function waitFor(seconds, condition) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) if (await condition()) return true;
  return false;
}

/** @param {string} file */
const lastLines = (file) =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-15).join('\n') : '';

/** Starts dockerd in a session of its own, so that a key press in the terminal does not end it before its clients. */
async function startEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-engine-'));
  const log = join(folder, 'dockerd.log');
  const pidFile = join(folder, 'dockerd.pid');
  const group = isRoot() ? [] : ['--group', (await must('id', ['-gn'])).trim()];
  const command = asRoot('dockerd', ['--pidfile', pidFile, ...group]);
  const output = openSync(log, 'a');
  const child = spawn(command.file, command.args, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
  let running = true;
  ended.then(() => {
    running = false;
  });
  const stop = async () => {
    if (running && existsSync(pidFile)) {
      const kill = asRoot('kill', ['-TERM', readFileSync(pidFile, 'utf8').trim()]);
      await run(kill.file, kill.args, { last: true });
    }
    if (running && !(await waitFor(STOP_SECONDS, async () => !running))) {
      say(`the engine that was started (pid ${child.pid}) does not end; its log is ${log}`);
      return;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const up = await waitFor(START_SECONDS, async () => !running || (await engineState()) === 'answers');
  if (!up || !running) {
    const why = lastLines(log);
    await stop();
    throw new SetupError(`dockerd did not start\n${why}`);
  }
  child.unref();
  return { pid: Number(readFileSync(pidFile, 'utf8')), log, stop };
}

const FORBIDDEN =
  'a Docker engine runs, and this user may not use it: add the user to its group (`sudo usermod -aG docker $USER`) and log in again';

/**
 * Sees to it that an engine with compose and buildx answers.
 *
 * @returns {Promise<StartedEngine | undefined>} the engine, where it had to be started
 */
export async function prepareEngine() {
  const before = await engineState();
  if (before === 'forbidden') throw new SetupError(FORBIDDEN);
  await installEngine(before === 'answers');
  if (before === 'answers') return undefined;
  if (existsSync('/run/systemd/system')) await waitFor(GRACE_SECONDS, async () => (await engineState()) !== 'silent');
  const now = await engineState();
  if (now === 'forbidden') throw new SetupError(FORBIDDEN);
  if (now === 'answers') return undefined;
  if (!isRoot() && (await run('sudo', ['-n', 'true'])).code !== 0) {
    throw new SetupError('no Docker engine answers: start one (it needs root), then run this again');
  }
  say('no Docker engine answers; starting one, which is stopped at the end');
  return startEngine();
}
