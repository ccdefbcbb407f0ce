/** Deploys or destroys in a process of its own, so that a test can run it as another user. Options come as JSON. */

import { deploy, destroy, silent } from '../../../lib/deploy/index.ts';

const [verb = '', options = '{}'] = process.argv.slice(2);
const given = { ...JSON.parse(options), env: process.env, progress: silent };
try {
  const result = verb === 'deploy' ? await deploy(given) : await destroy(given);
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  process.stderr.write(`${String(error)}\n${JSON.stringify(error)}\n`);
  process.exitCode = 1;
}
