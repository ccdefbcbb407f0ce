import * as assert from 'uvu/assert';
import {
  credentialIn,
  isCredentialName,
  listed,
  nearest,
  quoted,
  typeName,
  withoutCredentials,
} from '../../../lib/plan/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('secrets and messages');

/** Texts with a secret, each beside the part that must not be shown. */
const SECRETS: readonly (readonly [string, string])[] = [
  [`x ghp_${'A1b2'.repeat(9)} y`, 'A1b2A1b2'],
  [`github_pat_${'A1b2'.repeat(9)}`, 'A1b2A1b2'],
  ['glpat-abcdefghij0123456789', 'abcdefghij'],
  [`sk-ant-api03-${'q'.repeat(30)}`, 'qqqq'],
  ['AKIAABCDEFGHIJKLMNOP', 'ABCDEFGH'],
  ['xoxb-1234567890-abcdef', '1234567890'],
  [`AIza${'b'.repeat(35)}`, 'bbbb'],
  [`npm_${'c'.repeat(36)}`, 'cccc'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl', 'eyJzdWIi'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----', 'BEGIN OPENSSH'],
  ['https://me:hunter2@example.org/', 'hunter2'],
  ['https://me:hun@ter2@example.org/', 'ter2'],
  ['run --password=hunter2 now', 'hunter2'],
];

test('known token formats are recognized, and not shown', () => {
  for (const [text, secret] of SECRETS) {
    assert.ok(credentialIn(text) !== undefined, text);
    assert.not.ok(withoutCredentials(text).includes(secret), withoutCredentials(text));
    assert.not.ok(quoted(text).includes(secret), quoted(text));
  }
});

test('a long text is read once, whatever it nearly looks like', () => {
  // A search that begins anew at each letter takes an hour for these.
  for (const text of [
    'a'.repeat(300_000),
    'eyJaaaaaaaa-'.repeat(20_000),
    'sk-'.repeat(100_000),
    'a:'.repeat(100_000),
  ]) {
    assert.type(credentialIn(text), text.startsWith('sk-') ? 'string' : 'undefined');
    assert.type(withoutCredentials(text), 'string');
  }
});

test('plain text is no credential, and is shown as it is', () => {
  for (const text of [
    'vim',
    'https://example.org/a?b=c',
    'sk-learn',
    'AKIA',
    'a:b',
    'the password is long',
    'git@git.example.org:a/b',
  ]) {
    assert.is(credentialIn(text), undefined, text);
    assert.is(quoted(text), `'${text}'`);
  }
});

test('user information is not shown, also where it may be harmless', () => {
  assert.is(quoted('user:hunter2@git.example.org:a'), "'user:[redacted]@git.example.org:a'");
  assert.is(quoted('https://t0ken@git.example.org/a'), "'https://[redacted]@git.example.org/a'");
  assert.is(quoted('ssh://git@git.example.org/a'), "'ssh://git@git.example.org/a'");
});

test('names of credentials are told from names that only sound like one', () => {
  for (const name of ['GH_TOKEN', 'DB_PASSWORD', 'OPENAI_API_KEY', 'client_secret', 'TOKEN', 'AWS_SECRET_ACCESS_KEY']) {
    assert.ok(isCredentialName(name), name);
  }
  for (const name of [
    'MAX_TOKENS',
    'TOKENIZERS_PARALLELISM',
    'SSH_KEY_PATH',
    'MONKEY',
    'PATH',
    'KEYBOARD',
    'TOKEN_URL',
  ]) {
    assert.not.ok(isCredentialName(name), name);
  }
});

test('a message shows control characters escaped and long texts cut', () => {
  assert.is(quoted('a\n\u001b[31m"b\''), "'a\\n\\u001b[31m\"b\\''");
  assert.ok(quoted('x'.repeat(500)).length < 100);
});

test('words for values, lists and near misses', () => {
  assert.equal([undefined, null, '', 'x', 1, true, [], [1], {}, { a: 1 }].map(typeName), [
    'undefined',
    'null',
    'an empty text',
    'a text',
    'a number',
    'true',
    'an empty list',
    'a list',
    'an empty object',
    'an object',
  ]);
  assert.is(listed(['a', 'b', 'c']), 'a, b and c');
  assert.is(nearest('metods', ['methods', 'ports']), 'methods');
  assert.is(nearest('pathprefixes', ['pathPrefixes']), 'pathPrefixes');
  assert.is(nearest('zzz', ['methods', 'ports']), undefined);
});

test.run();
