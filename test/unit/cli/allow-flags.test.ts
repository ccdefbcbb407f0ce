import * as assert from 'uvu/assert';
import { type AllowFlags, allowChanges } from '../../../lib/cli/allow-flags.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('flags of bottle allow');
const NOW = new Date('2030-01-01T00:00:00.000Z');

const changes = (flags: AllowFlags, ...hosts: readonly string[]) => allowChanges(hosts, flags, NOW);

function refusal(flags: AllowFlags, ...hosts: readonly string[]): BottleError {
  try {
    changes(flags, ...hosts);
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(flags)} was taken`);
}

test('every host named gets the same change', () => {
  assert.equal(changes({ method: ['GET,HEAD', 'POST'], port: ['443', '8443'] }, 'a.example.org', 'b.example.org'), [
    { kind: 'open', host: 'a.example.org', methods: ['GET', 'HEAD', 'POST'], ports: [443, 8443] },
    { kind: 'open', host: 'b.example.org', methods: ['GET', 'HEAD', 'POST'], ports: [443, 8443] },
  ]);
  assert.equal(changes({ remove: true }, 'a.example.org'), [{ kind: 'close', host: 'a.example.org' }]);
  assert.equal(changes({ show: true }), []);
});

test('an expiry is a duration from now or an instant with its zone', () => {
  const expires = (text: string): unknown => {
    const [change] = changes({ expires: text }, 'a.example.org');
    return change?.kind === 'open' && change.expires;
  };
  assert.is(expires('90m'), '2030-01-01T01:30:00.000Z');
  assert.is(expires('1d12h'), '2030-01-02T12:00:00.000Z');
  assert.is(expires('2030-05-01T18:00:00+02:00'), '2030-05-01T16:00:00.000Z');
  for (const text of [
    '',
    '5',
    'tomorrow',
    '1y',
    '-5m',
    '2030-05-01',
    '2030-05-01T18:00',
    '2030-13-01T00:00:00Z',
    '1w',
    '999999d999999d999999d999999d',
  ]) {
    assert.is(refusal({ expires: text }, 'a.example.org').code, 'usage/expires', text);
  }
});

test('a credential says how it is sent by what comes with it', () => {
  const auth = (flags: AllowFlags): unknown => {
    const [change] = changes({ credential: 'GH_TOKEN', ...flags }, 'a.example.org');
    return change?.kind === 'open' && change.auth;
  };
  assert.equal(auth({}), { scheme: 'Bearer', from: 'GH_TOKEN' });
  assert.equal(auth({ header: 'X-Key' }), { scheme: 'header', from: 'GH_TOKEN', header: 'X-Key' });
  assert.equal(auth({ user: 'x' }), { scheme: 'Basic', from: 'GH_TOKEN', user: 'x' });
  assert.equal(auth({ scheme: 'bearer' }), { scheme: 'Bearer', from: 'GH_TOKEN' });
  assert.match(refusal({ credential: 'GH_TOKEN', scheme: 'digest' }, 'a.example.org').message, /allowed: Bearer/);
  assert.match(refusal({ scheme: 'Bearer' }, 'a.example.org').fix ?? '', /--credential/);
});

test('what does not go together is a usage error', () => {
  const clashes: readonly (readonly [AllowFlags, ...string[]])[] = [
    [{}],
    [{ remove: true }],
    [{ show: true }, 'a.example.org'],
    [{ show: true, remove: true }],
    [{ remove: true, method: ['GET'] }, 'a.example.org'],
    [{ remove: true, expires: '2h' }, 'a.example.org'],
    [{}, 'a.example.org', 'a.example.org'],
  ];
  for (const [flags, ...hosts] of clashes) assert.is(refusal(flags, ...hosts).exitCode, 2, JSON.stringify(flags));
});

test.run();
