import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { judgePrivateKey, normalizedKey } from '../../../lib/deploy/preflight/private-key.ts';
import { suite } from '../../support/suite.ts';

const test = suite('judgement of SSH keys', { timeoutMs: 60_000 });

let directory = '';
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'deploy-keys-'));
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

function key(name: string, passphrase: string, ...options: string[]): string {
  const file = join(directory, name);
  execFileSync('ssh-keygen', ['-q', '-N', passphrase, '-f', file, ...options]);
  return readFileSync(file, 'latin1');
}

const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ['OpenSSH ed25519', ['-t', 'ed25519']],
  ['OpenSSH RSA', ['-t', 'rsa', '-b', '2048']],
  ['PEM RSA', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
  ['PEM ECDSA', ['-t', 'ecdsa', '-m', 'PEM']],
  ['PKCS#8 RSA', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
];

for (const [kind, options] of KINDS) {
  test(`a key of kind ${kind} without a passphrase is usable, and with one is not`, () => {
    const name = kind.replace(/\W/g, '');
    assert.is(judgePrivateKey(key(name, '', ...options)), 'usable');
    assert.is(judgePrivateKey(key(`${name}-locked`, 'correct horse', ...options)), 'passphrase');
  });
}

test('a public key is told apart from a private one', () => {
  key('pub', '', '-t', 'ed25519');
  assert.is(judgePrivateKey(readFileSync(join(directory, 'pub.pub'), 'latin1')), 'public-key');
});

test('anything else is no key', () => {
  assert.is(judgePrivateKey(''), 'not-a-key');
  assert.is(judgePrivateKey('hello'), 'not-a-key');
  assert.is(judgePrivateKey('-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n'), 'not-a-key');
  assert.is(
    judgePrivateKey('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'),
    'not-a-key',
  );
  assert.is(judgePrivateKey('PuTTY-User-Key-File-3: ssh-ed25519\n'), 'putty');
});

test('ssh reads a normalized key whose copy had lost its last line break and got CRLF', () => {
  const text = key('crlf', '', '-t', 'ed25519').trimEnd().replaceAll('\n', '\r\n');
  assert.is(judgePrivateKey(text), 'usable');
  const public_ = readFileSync(join(directory, 'crlf.pub'), 'utf8').split(' ')[1];
  const out = execFileSync('sh', ['-c', 'umask 077; cat >"$0" && ssh-keygen -y -P "" -f "$0"', join(directory, 'n')], {
    input: normalizedKey(text),
  });
  assert.is(out.toString().split(' ')[1]?.trim(), public_);
});

test.run();
