/**
 * Applies a change in a process of its own, and ends it with SIGKILL at the point that `POINT` names: `<n>-before` and
 * `<n>-after` are around its n-th call of docker exec, `end` is after the change was made and recorded.
 */

import { applyChanges, openLiveBottle } from '../../../lib/operate/apply/index.ts';
import { createDocker, type Docker } from '../../../lib/operate/docker/index.ts';
import type { PolicyChange } from '../../../lib/operate/grants/index.ts';

const [home = '', slug = '', point = '', changes = '[]'] = process.argv.slice(2);
const real = createDocker({ env: process.env });
const calls = { exec: 0 };

const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

const docker: Docker = {
  ...real,
  attempt: async (args, options) => {
    if (args[0] !== 'exec') return real.attempt(args, options);
    calls.exec += 1;
    const call = calls.exec;
    if (point === `${call}-before`) await die();
    const outcome = await real.attempt(args, options);
    if (point === `${call}-after`) await die();
    return outcome;
  },
};

const bottle = await openLiveBottle(docker, home, slug);
const record = { who: 'a test', why: 'to be killed', origin: 'allow' } as const;
const after = async (): Promise<void> => {
  if (point === 'end') await die();
};
await applyChanges(bottle, JSON.parse(changes) as PolicyChange[], record, { around: { after } });
