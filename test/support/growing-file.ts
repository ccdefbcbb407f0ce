/** A file that grows in the worst moment: between its reader's question for its size and the reading. */

import { appendFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** From now on `path` is a megabyte of spaces longer after each `stat` of an open file; until what it returns is called. */
export async function growing(path: string): Promise<() => void> {
  const handle = await open(path, 'r');
  const prototype: { stat: (...args: unknown[]) => Promise<unknown> } = Object.getPrototypeOf(handle);
  await handle.close();
  const { stat } = prototype;
  prototype.stat = async function (...args: unknown[]) {
    const status = await stat.apply(this, args);
    appendFileSync(path, ' '.repeat(1_000_000));
    return status;
  };
  return () => {
    prototype.stat = stat;
  };
}
