/** What the tests do at the client: clone, and push what must pass or must not. */

import * as assert from 'uvu/assert';
import { type Suite, suite } from '../../support/suite.ts';
import { missingEngine } from './docker.ts';
import { startWorld, type World } from './world.ts';

export interface Rejection {
  /** stdout and stderr of the client's script. */
  readonly output: string;
  /** How many connections sshd saw during it. */
  readonly connections: number;
}

export interface Pushes {
  world(): World;
  /** A clone of `remote` on the new branch `work`: its path at the client. */
  clone(remote?: string, flags?: string): Promise<string>;
  /** Runs `script` in `directory`: the push must fail and leave every ref of every upstream as it was. */
  rejected(directory: string, script: string): Promise<Rejection>;
  /** Runs `script` in `directory`, which pushes and must succeed, and sshd must have seen it; its stderr. */
  accepted(directory: string, script: string): Promise<string>;
  newBranch(): string;
}

export const COMMIT = 'git add -A && git commit -q -m work';

/** A suite over a world of its own; where no engine answers, it is one skipped test. */
export async function pushSuite(title: string, add: (test: Suite, pushes: Pushes) => void): Promise<void> {
  const test = suite(title, { timeoutMs: 120_000 });
  const missing = await missingEngine();
  if (missing !== undefined) {
    test.skip('all of its tests', missing);
    test.run();
    return;
  }
  let started: World | undefined;
  const world = (): World => {
    if (started === undefined) throw new Error('the world did not start');
    return started;
  };
  test.before(async () => {
    started = await startWorld();
  });
  test.after(async () => {
    await started?.stop();
  });
  let branches = 0;
  add(test, {
    world,
    clone: async (remote = 'app', flags = '') => {
      const script = `git clone -q ${flags} $gate/${remote}.git repo; cd repo; git checkout -q -b work; pwd`;
      const { stdout, stderr, exitCode } = await world().client(script);
      assert.is(exitCode, 0, stderr);
      return stdout.trim();
    },
    rejected: async (directory, script) => {
      const { client, upstreamRefs, sshConnections } = world();
      const [refs, connections] = [await upstreamRefs(), await sshConnections()];
      const { exitCode, stdout, stderr } = await client(`cd ${directory}\n${script}`);
      assert.is.not(exitCode, 0, `was accepted: ${stderr}`);
      assert.is(await upstreamRefs(), refs, 'the upstream changed');
      return { output: stdout + stderr, connections: (await sshConnections()) - connections };
    },
    accepted: async (directory, script) => {
      const { client, sshConnections } = world();
      const before = await sshConnections();
      const { exitCode, stdout, stderr } = await client(`cd ${directory}\n${script}`);
      assert.is(exitCode, 0, stdout + stderr);
      assert.ok((await sshConnections()) > before, 'the count of connections, which must stay where a push is refused');
      return stderr;
    },
    newBranch: () => {
      branches += 1;
      return `topic-${branches}`;
    },
  });
  test.run();
}
