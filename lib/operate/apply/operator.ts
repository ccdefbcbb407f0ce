/** Who works at this terminal. */

import { userInfo } from 'node:os';

/** `ann (uid 1000)`; the uid alone where the user database does not know it. */
export function operatorName(): string {
  const uid = process.getuid?.() ?? -1;
  try {
    return `${userInfo().username} (uid ${uid})`;
  } catch {
    return `uid ${uid}`;
  }
}
