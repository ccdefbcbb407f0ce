/** Reading files that somebody else may be writing to. */

import type { FileHandle } from 'node:fs/promises';

/**
 * The text of `file` from its beginning, or undefined if it is longer than `max` bytes: measured by what is read, for
 * the file may have grown since anybody asked for its size.
 */
export async function readBounded(file: FileHandle, max: number): Promise<string | undefined> {
  const buffer = Buffer.alloc(max + 1);
  let length = 0;
  while (length <= max) {
    const { bytesRead } = await file.read(buffer, length, max + 1 - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length > max ? undefined : buffer.toString('utf8', 0, length);
}
