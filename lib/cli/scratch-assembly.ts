/** The definition as it is now, for verbs that show what becomes of it: no file of the project changes. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly } from '../assembly/index.ts';
import type { Messages } from './messages.ts';
import type { Project } from './project.ts';
import { definedAssembly } from './run-definition.ts';

/** What `use` makes of the assembly, which lies outside of the project and only for as long. */
export async function withScratchAssembly<T>(
  project: Project,
  messages: Messages,
  use: (assembly: Assembly) => T | Promise<T>,
): Promise<T> {
  const output = mkdtempSync(join(tmpdir(), 'claude-bottle-assembly-'));
  try {
    return await use(await definedAssembly({ ...project, output }, messages));
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
