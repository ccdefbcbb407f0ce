/** A machine on which bottles run: packages, engine and base images, for the time of one piece of work. */

import { machineSources, sourcesOfSuite } from './apt-sources.mjs';
import { installMissing, NEWER_SUITE, osRelease } from './debian.mjs';
import { prepareEngine } from './engine.mjs';
import { preparePackages } from './packages.mjs';
import { stopChildren } from './run.mjs';
import { SetupError, say } from './say.mjs';

/** @typedef {import('../lib/deploy/progress.ts').Progress} Progress */

/** @type {Progress} */
export const progress = {
  async step(title, work) {
    const started = Date.now();
    let last = '';
    const result = await work((text) => {
      last = text;
    });
    say(`${title}: ${last === '' ? 'done' : last} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return result;
  },
  say,
  warn: say,
};

/** The image builds of this repository, once its packages are there. */
export async function imageBuilds() {
  const { tsImport } = await import('tsx/esm/api');
  /** @type {typeof import('../lib/deploy/images/index.ts')} */
  const images = await tsImport('../lib/deploy/images/index.ts', import.meta.url);
  return images;
}

/** Builds those base images that no registry gives and this machine does not have yet. */
async function prepareBases() {
  const { buildBases, missingBases } = await imageBuilds();
  const missing = await missingBases(process.env);
  if (missing.length === 0) return;
  say(`no registry gives the base images ${missing.join(', ')}: building them from packages`);
  const { id, codename } = osRelease();
  /** @type {Record<string, string>} */
  const tools = { mmdebstrap: 'mmdebstrap' };
  if (missing.includes('debian')) {
    await installMissing(
      id === 'debian' ? tools : { ...tools, 'debian-archive-keyring': 'debian-archive-keyring' },
      'a Debian base image',
    );
  }
  const debianSources = id === 'debian' ? sourcesOfSuite(machineSources(), codename, NEWER_SUITE) : [];
  await buildBases({ env: process.env, progress, debianSources });
}

/**
 * Runs `work` on a machine that is ready, and stops the engine afterwards if it was started here: at the end, on a
 * failure, and on SIGINT and SIGTERM, which are passed on to what `work` runs.
 *
 * @param {() => Promise<number>} work
 * @param {{ keepEngine?: boolean }} [options] `keepEngine`: leave the engine running after work that succeeded
 * @returns {Promise<number>} the exit code
 */
export async function withMachine(work, { keepEngine = false } = {}) {
  await preparePackages();
  const engine = await prepareEngine();
  let code = 1;
  try {
    await prepareBases();
    code = await work();
    return code;
  } finally {
    if (engine !== undefined && keepEngine && code === 0) {
      say(`the engine that was started keeps running: stop it with \`kill ${engine.pid}\`; its log is ${engine.log}`);
    } else {
      await engine?.stop();
    }
  }
}

/**
 * The main program of a set-up command: its exit code, its errors without a stack where the user can do something.
 *
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  let stoppedBy = 0;
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])) {
    process.on(signal, () => {
      stoppedBy = code;
      stopChildren(signal);
    });
  }
  let code = 1;
  try {
    code = await main();
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
  }
  process.exitCode = stoppedBy === 0 ? code : stoppedBy;
}

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SetupError) return `set-up: ${error.message}`;
  if (error.name !== 'BottleError') return error.stack ?? error.message;
  const { fix, details } = /** @type {import('../lib/errors.ts').BottleError} */ (error);
  return [`set-up: ${error.message}`, ...(fix === undefined ? [] : [fix]), ...details].join('\n');
}
