import { constants, openSync } from 'node:fs';

/**
 * A handle to read the file at `path`, which may have become something else since it was listed: never what a link leads
 * to, and no waiting for the other end of a pipe. Whether it is a regular file is for the caller to ask of the handle.
 */
export const openRegular = (path: string): number =>
  openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
