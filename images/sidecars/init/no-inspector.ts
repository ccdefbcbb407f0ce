/** Importing this file closes the inspector, should a SIGUSR1 have opened it before the first statement ran. */

import { close, url } from 'node:inspector';

const closeIfOpen = (): void => {
  if (url() !== undefined) close();
};

closeIfOpen();
// Node opens it from a thread of its own: a signal in the last instant before the listener shows only now.
setImmediate(closeIfOpen);
