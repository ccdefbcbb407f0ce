/** A small file system of its own, to be filled up. */

import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

export interface SmallDisk {
  readonly directory: string;
  /** Fills the disk up to `bytes` that stay free, counted in whole pages. */
  fill(bytes: number): void;
  /** Gives the room back. */
  clear(): void;
  unmount(): Promise<void>;
}

/** A tmpfs of `size`, or why there can be none. */
export async function smallDisk(size: string): Promise<SmallDisk | string> {
  const directory = mkdtempSync(join(tmpdir(), 'allow-disk-'));
  const { exitCode, stderr } = await execa('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory], {
    reject: false,
  });
  if (exitCode !== 0) {
    rmSync(directory, { recursive: true, force: true });
    return `this user may not mount a tmpfs: ${stderr}`;
  }
  const filler = join(directory, 'filler');
  const clear = (): void => rmSync(filler, { force: true });
  return {
    directory,
    clear,
    fill: (bytes) => {
      clear();
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(filler, Buffer.alloc(Math.max(0, Number(bavail) * Number(bsize) - bytes)));
    },
    unmount: async () => {
      await execa('umount', [directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
