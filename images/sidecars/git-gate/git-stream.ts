/** What git prints, piece by piece: a push decides how much that is, so it never has to be in memory whole. */

import { spawn } from 'node:child_process';
import { type Git, GitError, gitCommand } from './git.ts';

/** A push that asks for more than git-gate gives; its message is for the client. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Longest piece: a path, or an entry of a merge with thousands of parents. */
const PIECE = 1024 * 1024;

export interface StreamOptions {
  /** The byte that ends a piece: a line feed unless given. */
  readonly separator?: number;
  readonly input?: string;
  readonly timeoutMs?: number;
}

async function* pieces(stream: AsyncIterable<Buffer>, separator: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    let text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = text.indexOf(separator); end >= 0; end = text.indexOf(separator)) {
      yield text.subarray(0, end);
      text = text.subarray(end + 1);
    }
    if (text.length > PIECE) throw new TooLargeError('a name or a merge in it is too long');
    rest = text;
  }
  if (rest.length > 0) yield rest;
}

/** stdout of `git …args`, cut at its separators. Throws a {@link GitError} unless git exits 0 and in time. */
export async function* gitStream(
  git: Git,
  args: readonly string[],
  options: StreamOptions = {},
): AsyncGenerator<Buffer> {
  const [program, ...words] = gitCommand(args);
  const child = spawn(program, words, { env: git.env, cwd: git.directory, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), options.timeoutMs ?? 5 * 60_000);
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  try {
    yield* pieces(child.stdout, options.separator ?? 10);
    const code = await ended;
    if (code !== 0)
      throw new GitError(`git ${args[0]}: ${code === null ? 'ended before its time' : `exit code ${code}`}`);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
