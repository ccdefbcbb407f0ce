/** The npm packages of this repository. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './run.mjs';
import { say } from './say.mjs';

export const ROOT = join(import.meta.dirname, '..');

/** npm writes this file at the end of an installation. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');

/** @returns {boolean} whether what is installed is what the lock file asks for */
function upToDate() {
  return existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs;
}

/** Installs the packages that the lock file names, unless they are there. */
export async function preparePackages() {
  if (upToDate()) return;
  say('installing the npm packages (npm ci)');
  await must('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], { cwd: ROOT });
}
