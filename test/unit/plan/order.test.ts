/** What has no order in meaning has none in the plan: a definition that lists it otherwise is the same bytes. */

import { App, Bottle, GitRemote, Image } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { lower } from '../../../constructs/app.ts';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { HOST_KEY } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('order of a declaration');

/** A bottle whose lists are made by `order` of lists in alphabetical order. */
function planOf(order: <T>(list: readonly T[]) => readonly T[]): BottlePlan {
  const app = new App();
  const args = Object.fromEntries(order([['BASE', 'debian'] as const, ['NODE_VERSION', '22'] as const]));
  new Bottle(app, 'demo', {
    agent: { image: Image.build('image', { args }), skills: order(['one/a', 'one/b', 'other/c']) },
    sidecars: {
      pipelock: { allow: order(['*.example.net', 'a.example.org', 'b.example.org']) },
      gitGate: {
        remotes: [
          GitRemote.ssh('app', 'ssh://git@git.example.org/acme/app.git', {
            identityFile: 'keys/id',
            knownHostKey: HOST_KEY,
            branches: order(['agent/*', 'wip-?']),
            protectedPaths: order(['.ci/**', 'Makefile']),
          }),
        ],
      },
    },
  });
  const [plan] = lower(app, {}).plans;
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

test('build arguments, skills, allowed hosts, branches and protected paths are in one order, however they are listed', () => {
  const listed = planOf((list) => list);
  assert.equal(
    listed.agent.skills.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
  assert.equal(listed.sidecars.gitGate?.remotes[0]?.branches, ['agent/*', 'wip-?']);
  assert.is(JSON.stringify(planOf((list) => [...list].reverse())), JSON.stringify(listed));
});

test.run();
