/** The host's own Python, where it can run the parts of egress that need nothing but its standard library. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const modern = ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))'];
const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, modern).status === 0);

export const missingPython = python === undefined ? 'no python3 of version 3.9 or later on this machine' : undefined;

/** Runs a test file of this folder; unittest reports on stderr. */
export function runPython(script: string): { readonly status: number | null; readonly report: string } {
  const { status, stderr } = spawnSync(python ?? 'python3', [join(import.meta.dirname, script)], { encoding: 'utf8' });
  return { status, report: stderr };
}
