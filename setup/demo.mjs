/** `npm run demo`: prepares the machine, then runs examples/demo with the arguments given. */

import { runMain, withMachine } from './machine.mjs';
import { ROOT } from './packages.mjs';
import { run } from './run.mjs';

runMain(() => {
  const args = process.argv.slice(2);
  const demo = ['--conditions=claude-bottle-source', '--import', 'tsx', 'examples/demo/run.ts', ...args];
  const work = async () => (await run(process.execPath, demo, { show: true, cwd: ROOT })).code;
  return withMachine(work, { keepEngine: args.includes('--keep') });
});
