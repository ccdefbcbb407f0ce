import * as assert from 'uvu/assert';
import { answerSources } from '../../../lib/cli/answer-flags.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('--answer');

test('a flag names a variable, as exactly as it likes, and a host variable', () => {
  assert.equal(answerSources(['A=X', 'agent.A=X', 'sidecars.LANG=Y', 'my-bottle.agent.A_1=_z']), [
    { name: 'A', from: 'X' },
    { name: 'A', from: 'X', owner: 'agent' },
    { name: 'LANG', from: 'Y', owner: 'sidecars' },
    { name: 'A_1', from: '_z', owner: 'agent', slug: 'my-bottle' },
  ]);
});

test('anything else is a mistake of the command line, and what may be an answer is not shown', () => {
  for (const flag of [
    '',
    'A',
    'A=',
    '=X',
    'A=hunter2!',
    'A=hunter2=x',
    'A=$hunter2',
    'bundle.A=hunter2',
    'x.agent.y.A=hunter2',
    'X_Y.agent.A=hunter2',
    'agent.=hunter2',
    'A-B=hunter2',
  ]) {
    try {
      answerSources(['A=X', flag]);
      assert.unreachable(flag);
    } catch (error) {
      if (!(error instanceof BottleError)) throw error;
      assert.is(error.exitCode, 2);
      assert.match(error.message, '--answer number 2');
      assert.not.match(JSON.stringify([error, error.message, error.stack]), /hunter2/);
    }
  }
});

test.run();
