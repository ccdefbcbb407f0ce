import * as assert from 'uvu/assert';
import { askedScanner } from '../../../lib/deploy/images/choose-scanner.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('choice of the scanner');

const lock = (scanner?: 'pipelock' | 'builtin') => ({ images: {}, ...(scanner === undefined ? {} : { scanner }) });

test('the definition beats the context, the environment and the lock', () => {
  const env = { CLAUDE_BOTTLE_SCANNER: 'builtin' };
  const choice = askedScanner({ definition: 'pipelock', context: 'builtin', env, lock: lock('builtin') });
  assert.equal(choice, { scanner: 'pipelock', source: 'definition' });
});

test('the context beats the environment and the lock', () => {
  const env = { CLAUDE_BOTTLE_SCANNER: 'builtin' };
  const choice = askedScanner({ definition: null, context: 'pipelock', env, lock: lock('builtin') });
  assert.equal(choice, { scanner: 'pipelock', source: 'context' });
});

test('the environment beats the lock', () => {
  const env = { CLAUDE_BOTTLE_SCANNER: 'pipelock' };
  const choice = askedScanner({ definition: null, env, lock: lock('builtin') });
  assert.equal(choice, { scanner: 'pipelock', source: 'environment' });
});

test('the lock decides where nobody asks, and an empty variable asks nothing', () => {
  const choice = askedScanner({ definition: null, env: { CLAUDE_BOTTLE_SCANNER: '' }, lock: lock('builtin') });
  assert.equal(choice, { scanner: 'builtin', source: 'lock' });
});

test('nobody asked on a first build', () => {
  assert.is(askedScanner({ definition: null, env: {}, lock: lock() }), undefined);
});

test('a word that is no scanner is a usage error, never a default', () => {
  for (const word of ['none', 'off', '', 'Pipelock']) {
    try {
      askedScanner({ definition: null, context: word, env: {}, lock: lock('pipelock') });
      assert.unreachable(word);
    } catch (error) {
      assert.instance(error, BottleError);
      assert.is((error as BottleError).exitCode, 2);
    }
  }
});

test.run();
