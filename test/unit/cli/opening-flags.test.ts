import * as assert from 'uvu/assert';
import { type OpeningFlags, openingOf } from '../../../lib/cli/opening-flags.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';

const test = suite('flags that say what to open');

function refusal(flags: OpeningFlags): BottleError {
  try {
    openingOf(flags);
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(flags)} was taken`);
}

test('methods and ports may be repeated, stand in one word with commas, and methods in any case', () => {
  assert.equal(openingOf({ method: ['get,Head', 'POST'], port: ['443, 8443', '80'] }), {
    methods: ['GET', 'HEAD', 'POST'],
    ports: [443, 8443, 80],
  });
});

test('a path prefix is taken whole, for a path may hold a comma', () => {
  assert.equal(openingOf({ pathPrefix: ['/a,b/', '/c'] }), { pathPrefixes: ['/a,b/', '/c'] });
});

test('a scheme is known in any case', () => {
  for (const [said, scheme] of [
    ['bearer', 'Bearer'],
    ['BASIC', 'Basic'],
    ['Token', 'token'],
    ['Header', 'header'],
  ] as const) {
    assert.is(openingOf({ credential: 'KEY', scheme: said }).scheme, scheme);
  }
});

test('a header and a user name imply their scheme, and a scheme that is named wins over them', () => {
  assert.equal(openingOf({ credential: 'KEY' }), { credential: 'KEY' });
  assert.is(openingOf({ credential: 'KEY', header: 'X-Key' }).scheme, 'header');
  assert.is(openingOf({ credential: 'KEY', user: 'x' }).scheme, 'Basic');
  assert.is(openingOf({ credential: 'KEY', header: 'X-Key', scheme: 'token' }).scheme, 'token');
});

test('a flag that is not given, or is off, says nothing', () => {
  assert.equal(openingOf({}), {});
  assert.equal(openingOf({ tlsPassthrough: false, webSocket: false }), {});
  assert.equal(openingOf({ tlsPassthrough: true, webSocket: true }), { tlsPassthrough: true, webSocket: true });
});

test('a bad value is a usage error that names the flag, the value and what is allowed', () => {
  const bad: readonly (readonly [OpeningFlags, RegExp])[] = [
    [{ port: ['https'] }, /^--port 'https': allowed: whole numbers from 1 to 65535/],
    [{ port: ['443,0'] }, /^--port '0': allowed/],
    [{ port: ['65536'] }, /^--port '65536': allowed/],
    [{ port: ['443,'] }, /^--port '': allowed/],
    [{ port: ['443', '443'] }, /^--port '443': allowed.*each once/],
    [{ port: ['4e2'] }, /^--port '4e2': allowed/],
    [{ method: ['G T'] }, /^--method 'G T': allowed: upper-case letters/],
    [{ method: ['GET,connect'] }, /^--method 'connect': allowed.*but TRACE, TRACK and CONNECT/],
    [{ pathPrefix: ['docs'] }, /^--path-prefix 'docs': .*allowed/],
    [{ credential: 'KEY', scheme: 'digest' }, /^--scheme 'digest': allowed: Bearer, token, Basic, header/],
    [{ expires: 'soon' }, /^--expires 'soon' is neither a duration nor/],
  ];
  for (const [flags, message] of bad) {
    const error = refusal(flags);
    assert.match(error.message, message);
    assert.is(error.exitCode, 2);
  }
});

test('how a credential is sent says nothing without one', () => {
  for (const flags of [{ scheme: 'bearer' }, { header: 'X-Key' }, { user: 'x' }]) {
    const { message, fix, exitCode } = refusal(flags);
    assert.match(message, new RegExp(`^--${Object.keys(flags)[0]} says how a credential is sent`));
    assert.match(fix ?? '', /--credential/);
    assert.is(exitCode, 2);
  }
});

test.run();
