/** What the set-up tells: on stderr, so that stdout stays with the program that follows. */

/** @param {string} text */
export function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}

/** Something that the user must do; printed without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}
