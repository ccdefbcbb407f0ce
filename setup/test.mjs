/**
 * `npm test`: lint, types and every test, with all set-up. Arguments go to the runner; `npm test -- unit` needs no
 * engine. The last line is the runner's `N passed, N failed, N skipped`.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installMissing } from './debian.mjs';
import { lintShell } from './lint-shell.mjs';
import { imageBuilds, progress, runMain, withMachine } from './machine.mjs';
import { preparePackages, ROOT } from './packages.mjs';
import { run } from './run.mjs';

/** Programs that the checks and tests run on this machine, with their Debian packages. */
const TOOLS = {
  shellcheck: 'shellcheck',
  git: 'git',
  python3: 'python3',
  busybox: 'busybox',
  'ssh-keygen': 'openssh-client',
};

/** Kinds of tests that decide, and touch no engine. */
const WITHOUT_ENGINE = ['unit', 'golden', 'property'];

/** @param {string} argument a kind or a file */
function needsEngine(argument) {
  return !WITHOUT_ENGINE.some((kind) => argument === kind || argument.includes(`test/${kind}/`));
}

/** @param {string} name @param {readonly string[]} args */
const tool = async (name, args) =>
  (await run(join(ROOT, 'node_modules', '.bin', name), args, { show: true, cwd: ROOT })).code;

/** @returns {Promise<string[]>} names of the checks that failed */
async function failedChecks() {
  /** @type {[string, () => Promise<number>][]} */
  const checks = [
    ['lint', () => tool('biome', ['check', '.'])],
    ['lint of the shell scripts', lintShell],
    ['types', () => tool('tsc', ['-p', 'tsconfig.json'])],
  ];
  const failed = [];
  for (const [name, check] of checks) if ((await check()) !== 0) failed.push(name);
  return failed;
}

/** Builds both images before the tests, so that no test's time holds a build. */
async function prepareImages() {
  const { ensureAgentImage, ensureSidecarImage } = await imageBuilds();
  const projectDir = mkdtempSync(join(tmpdir(), 'claude-bottle-setup-'));
  try {
    await ensureSidecarImage({ projectDir, engine: null, env: process.env, progress });
    await ensureAgentImage({ projectDir, env: process.env, progress });
  } finally {
    rmSync(projectDir, { recursive: true, force: true });
  }
}

/** @param {readonly string[]} args @returns {Promise<number>} */
async function runTests(args) {
  const failed = await failedChecks();
  for (const name of failed) process.stdout.write(`FAIL ${name}\n`);
  const runner = ['--conditions=claude-bottle-source', '--import', 'tsx', 'test/run.ts', ...args];
  const { code } = await run(process.execPath, runner, { show: true, cwd: ROOT });
  return failed.length === 0 ? code : 1;
}

runMain(async () => {
  const args = process.argv.slice(2);
  await installMissing(TOOLS, 'the test suite');
  if (args.length > 0 && !args.some(needsEngine)) {
    await preparePackages();
    return runTests(args);
  }
  return withMachine(async () => {
    await prepareImages();
    return runTests(args);
  });
});
