/** Visits a container in a process of its own, whose streams and signals are the test's. */

import { type EnterWhat, visit } from '../../../lib/operate/enter/index.ts';

const [container = '', what = 'command', ...words] = process.argv.slice(2);

process.exitCode = await visit({
  env: process.env,
  container,
  what: what as EnterWhat,
  words,
  directory: '',
  terminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
});
