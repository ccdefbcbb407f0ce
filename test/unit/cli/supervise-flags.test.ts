import * as assert from 'uvu/assert';
import { expiryOf } from '../../../lib/cli/expiry.ts';
import { type SuperviseFlags, termsOf, verdictFlag } from '../../../lib/cli/supervise-flags.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('cli › the flags of supervise');

function problem(action: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify(action())}`;
  } catch (error) {
    if (error instanceof BottleError) return `${error.exitCode} ${error.message}`;
    throw error;
  }
}

test('one verdict, and terms only with one that opens something', () => {
  assert.is(verdictFlag({}), undefined);
  assert.is(verdictFlag({ approve: true, credential: 'X' }), 'approve');
  assert.is(verdictFlag({ modify: true, host: 'a.test', expires: '2h' }), 'modify');
  assert.is(verdictFlag({ reject: true, note: 'no' }), 'reject');
  const refused: readonly (readonly [SuperviseFlags, RegExp])[] = [
    [{ approve: true, reject: true }, /--approve and --reject contradict/],
    [{ approve: true, modify: true }, /contradict/],
    [{ host: 'a.test' }, /--host without --approve or --modify/],
    [{ note: 'x' }, /--note without/],
    [{ reject: true, credential: 'X' }, /--credential without/],
    [{ reject: true, pathPrefix: ['/'], tlsPassthrough: true }, /--path-prefix, --tls-passthrough without/],
    [{ dockerfile: 'x' }, /--dockerfile without/],
  ];
  for (const [flags, message] of refused) {
    const said = problem(() => verdictFlag(flags));
    assert.match(said, message);
    assert.match(said, /^2 /);
  }
});

test('an expiry is a time from now or an instant', () => {
  const now = Date.parse('2030-01-01T00:00:00Z');
  assert.is(expiryOf('90s', now), '2030-01-01T00:01:30.000Z');
  assert.is(expiryOf('30m', now), '2030-01-01T00:30:00.000Z');
  assert.is(expiryOf('30min', now), '2030-01-01T00:30:00.000Z');
  assert.is(expiryOf('2h', now), '2030-01-01T02:00:00.000Z');
  assert.is(expiryOf('7d', now), '2030-01-08T00:00:00.000Z');
  assert.is(expiryOf('2031-05-06T07:08:09+02:00', now), '2031-05-06T05:08:09.000Z');
  for (const text of ['', 'soon', '2', '-2h', '2w', '2031-05-06', '99999999d']) {
    assert.match(
      problem(() => expiryOf(text, now)),
      /^2 --expires/,
      text,
    );
  }
});

test('terms are what the flags say, and nothing beyond', () => {
  assert.equal(termsOf({ approve: true }), {});
  assert.equal(
    termsOf({
      modify: true,
      credential: 'KEY',
      host: 'a.test',
      port: ['8443,443'],
      method: ['GET,post'],
      pathPrefix: ['/a'],
      scheme: 'BEARER',
      tlsPassthrough: true,
      webSocket: true,
    }),
    {
      credential: 'KEY',
      host: 'a.test',
      ports: [8443, 443],
      methods: ['GET', 'POST'],
      pathPrefixes: ['/a'],
      scheme: 'Bearer',
      tlsPassthrough: true,
      webSocket: true,
    },
  );
  assert.match(
    problem(() => termsOf({ port: ['https'] })),
    /^2 --port/,
  );
  assert.match(
    problem(() => termsOf({ scheme: 'digest' })),
    /^2 --scheme/,
  );
});

test.run();
