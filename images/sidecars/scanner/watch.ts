/** Reload triggers: a watch on the directory of the file, so that a rename is seen, and a pause until writers are done. */

import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** pipelock's debounce. */
const DEBOUNCE_MS = 100;

/** Calls `changed` once after each burst of events on `file`; throws if its directory cannot be watched. */
export function watchFile(file: string, changed: () => void): FSWatcher {
  const name = basename(file);
  let timer: NodeJS.Timeout | undefined;
  return watch(dirname(file), (_event, changedName) => {
    if (changedName !== null && changedName !== name) return;
    clearTimeout(timer);
    timer = setTimeout(changed, DEBOUNCE_MS);
  });
}
