/** The new objects of a push, read as bytes. */

import { spawn } from 'node:child_process';
import { type Git, GitError, gitCommand } from './git.ts';
import { gitStream, TooLargeError } from './git-stream.ts';

export interface PushedObject {
  readonly id: string;
  /** One of the paths that it has in the push; empty for a commit, and for a tag its name. */
  readonly path: string;
}

export interface ObjectSlice {
  readonly object: PushedObject;
  readonly type: string;
  readonly bytes: Buffer;
  /** Line of the object, from 1, on which the slice begins. */
  readonly line: number;
}

/** Longest slice, and how much of one the next repeats, so that what lies on a cut is whole in one of them. */
const SLICE = 1024 * 1024;
const SLICE_OVERLAP = 32 * 1024;

/** Objects of one push: more cannot be scanned in the time there is, and their names have to be kept. */
const MOST_OBJECTS = 500_000;
const MOST_PATH_BYTES = 64 * 1024 * 1024;

/** Every object that `ids` reach and no ref of the mirror does; of trees too, though only their paths are read. */
export async function newObjects(git: Git, ids: readonly string[]): Promise<PushedObject[]> {
  if (ids.length === 0) return [];
  const objects: PushedObject[] = [];
  let size = 0;
  for await (const line of gitStream(git, ['rev-list', '--objects', ...ids, '--not', '--all'])) {
    const text = line.toString('utf8');
    const space = text.indexOf(' ');
    objects.push(space < 0 ? { id: text, path: '' } : { id: text.slice(0, space), path: text.slice(space + 1) });
    size += line.length;
    if (objects.length > MOST_OBJECTS) throw new TooLargeError(`it has more than ${MOST_OBJECTS} new objects`);
    if (size > MOST_PATH_BYTES) throw new TooLargeError('the paths in it are too long');
  }
  return objects;
}

const newlines = (bytes: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
};

/** Takes lines and byte counts from a stream of chunks. */
class ChunkReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async #more(): Promise<Buffer> {
    const { done, value } = await this.#chunks.next();
    if (done === true) throw new GitError('git cat-file ended early');
    return value;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const text = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + 1);
        return text;
      }
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
    }
  }

  async bytes(count: number): Promise<Buffer> {
    const parts = [this.#rest];
    let size = this.#rest.length;
    while (size < count) {
      const chunk = await this.#more();
      parts.push(chunk);
      size += chunk.length;
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts);
    this.#rest = all.subarray(count);
    return all.subarray(0, count);
  }
}

async function* slicesOf(reader: ChunkReader, object: PushedObject): AsyncGenerator<ObjectSlice> {
  const header = await reader.line();
  const [id, type, length] = header.split(' ');
  if (id !== object.id || type === undefined || length === undefined) throw new GitError('an object cannot be read');
  let left = Number(length);
  let kept: Buffer = Buffer.alloc(0);
  let line = 1;
  do {
    const fresh = await reader.bytes(Math.min(left, SLICE - kept.length));
    left -= fresh.length;
    const bytes = Buffer.concat([kept, fresh]);
    if (type !== 'tree') yield { object, type, bytes, line };
    kept = bytes.subarray(Math.max(0, bytes.length - SLICE_OVERLAP));
    line += newlines(bytes.subarray(0, bytes.length - kept.length));
  } while (left > 0);
  await reader.bytes(1);
}

/** The bytes of `objects`, trees left out. Throws a {@link GitError} if one of them cannot be read. */
export async function* objectSlices(git: Git, objects: readonly PushedObject[]): AsyncGenerator<ObjectSlice> {
  const [program, ...words] = gitCommand(['cat-file', '--batch', '--buffer']);
  const child = spawn(program, words, {
    env: git.env,
    cwd: git.directory,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', resolve);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(objects.map(({ id }) => `${id}\n`).join(''));
  try {
    const reader = new ChunkReader(child.stdout);
    for (const object of objects) yield* slicesOf(reader, object);
    if ((await ended) !== 0) throw new GitError('git cat-file failed');
  } finally {
    child.kill('SIGKILL');
  }
}
