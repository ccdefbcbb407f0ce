/** git on one mirror, in an environment of which every variable is known. */

import { type Outcome, run } from './program.ts';

/** What receive-pack tells its hooks, so that they see the pushed objects before these are let in (githooks(5)). */
const QUARANTINE = ['GIT_QUARANTINE_PATH', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'];

export interface Git {
  /** The mirror's path. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

function environment(directory: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => name === 'PATH' || name.startsWith('GIT_CONFIG_'));
  return {
    ...Object.fromEntries(kept),
    HOME: '/run/git-gate',
    LC_ALL: 'C',
    GIT_DIR: directory,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** git on the mirror as it is, without anything that is being pushed. */
export const mirrorGit = (directory: string): Git => ({ directory, env: environment(directory) });

/** git on the mirror together with the push that `hook`, the hook's environment, describes. */
export function quarantineGit(directory: string, hook: NodeJS.ProcessEnv): Git {
  const env = environment(directory);
  for (const name of QUARANTINE) if (hook[name] !== undefined) env[name] = hook[name];
  return { directory, env };
}

/**
 * The command line of `git …args`, bounded in what it may allocate: a few bytes of a push, say a delta or a tree of
 * trees, can stand for any number. (prlimit(1); the entrypoint knows how much memory there is.)
 */
export function gitCommand(args: readonly string[]): [string, ...string[]] {
  const bytes = process.env['GIT_GATE_DATA_LIMIT'];
  return bytes === undefined ? ['git', ...args] : ['prlimit', `--data=${bytes}`, '--', 'git', ...args];
}

export class GitError extends Error {
  override readonly name = 'GitError';
}

export interface GitOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs `git …args`, whatever its exit code. */
export function runGit(git: Git, args: readonly string[], options: GitOptions = {}): Promise<Outcome> {
  const [program, ...words] = gitCommand(args);
  return run(program, words, {
    env: { ...git.env, ...options.env },
    cwd: git.directory,
    timeoutMs: options.timeoutMs ?? 120_000,
    ...(options.input === undefined ? {} : { input: options.input }),
  });
}

/** stdout of `git …args`. Throws a {@link GitError} unless it exits 0. */
export async function gitOutput(git: Git, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const { code, stdout, problem } = await runGit(git, args, options);
  if (code !== 0) throw new GitError(`git ${args[0]}: ${problem ?? `exit code ${code}`}`);
  return stdout;
}
