/** Checks every shell script of the repository with shellcheck: `*.sh`, and files without extension that start so. */

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './packages.mjs';
import { must, programPath, run } from './run.mjs';

const SHEBANG = /^#!\s*\S*(?:\/|env\s+)(?:sh|bash|dash)\b/;

/** @param {string} path */
function firstBytes(path) {
  const buffer = Buffer.alloc(64);
  const file = openSync(path, 'r');
  try {
    return buffer.subarray(0, readSync(file, buffer)).toString();
  } finally {
    closeSync(file);
  }
}

/** @param {string} root @param {readonly string[]} names @returns {string[]} those that are shell scripts */
export function shellScripts(root, names) {
  return names.filter((name) => {
    const path = join(root, name);
    if (!existsSync(path) || !statSync(path).isFile()) return false;
    return name.endsWith('.sh') || (extname(name) === '' && SHEBANG.test(firstBytes(path)));
  });
}

/** @returns {Promise<number>} exit code */
export async function lintShell() {
  if (programPath('shellcheck') === undefined) {
    process.stderr.write(
      'shellcheck is missing: install the package shellcheck (`npm test` does on Debian and Ubuntu)\n',
    );
    return 1;
  }
  const names = (await must('git', ['ls-files', '-z'], { cwd: ROOT })).split('\0');
  const scripts = shellScripts(ROOT, names);
  const { code } = await run('shellcheck', ['--', ...scripts], { show: true, cwd: ROOT });
  return code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await lintShell();
