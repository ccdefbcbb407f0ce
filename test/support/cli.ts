/** Runs the CLI as a user does: a process of its own, in a project directory. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { typescriptArgv, typescriptCommand } from '../../examples/demo/typescript.ts';

export const ROOT = join(import.meta.dirname, '../..');

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function bottle(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const [node, ...rest] = [...typescriptArgv(join(ROOT, 'bin/bottle.ts')), ...args] as const;
  const outcome = await execa(node, rest, {
    cwd,
    env,
    reject: false,
    stdin: 'ignore',
  });
  return { exitCode: outcome.exitCode ?? 1, stdout: outcome.stdout, stderr: outcome.stderr };
}

/** A temporary project outside the repository. */
export interface TemporaryProject {
  readonly directory: string;
  write(path: string, text: string): void;
  remove(): void;
}

/** A project whose `cdk.json` runs `app.ts`, with that file's text. */
export function temporaryProject(
  definition: string,
  context: Readonly<Record<string, unknown>> = {},
): TemporaryProject {
  const directory = mkdtempSync(join(tmpdir(), 'claude-bottle-project-'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  write('package.json', JSON.stringify({ name: 'a-project', type: 'module', private: true }));
  write('app.ts', definition.replaceAll("from 'claude-bottle'", `from '${join(ROOT, 'index.ts')}'`));
  write('cdk.json', JSON.stringify({ app: typescriptCommand(join(directory, 'app.ts')), output: 'dist', context }));
  return { directory, write, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
