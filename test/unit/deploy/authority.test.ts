import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import {
  type Authority,
  authorityFiles,
  bottleAuthorities,
  mintAuthority,
  VALID_DAYS,
} from '../../../lib/deploy/certificates/index.ts';
import { replaceStateFiles } from '../../../lib/deploy/state/contents.ts';
import { suite } from '../../support/suite.ts';

const test = suite('the CAs of a bottle');

let directory = '';
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'deploy-ca-'));
});
test.after(() => rmSync(directory, { recursive: true, force: true }));

const LONGEST_SLUG = 'a'.repeat(39);
const DAY_MS = 86_400_000;

const openssl = (text: string, ...args: string[]): string =>
  execFileSync('openssl', args, { input: text, stdio: ['pipe', 'pipe', 'pipe'] }).toString();

test('the key is P-256 in SEC1 and the first block of its file, without EC PARAMETERS', async () => {
  const { key } = await mintAuthority('pipelock', 'demo');
  assert.ok(key.startsWith('-----BEGIN EC PRIVATE KEY-----\n'));
  assert.not.match(key, /EC PARAMETERS/);
  assert.match(openssl(key, 'ec', '-noout', '-text'), /prime256v1/);
});

test('the certificate is a CA that may sign certificates, critically, and has a subject key id', async () => {
  const text = openssl((await mintAuthority('egress', LONGEST_SLUG)).certificate, 'x509', '-noout', '-text');
  assert.match(text, /X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
  assert.match(text, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
  assert.match(text, /X509v3 Subject Key Identifier:\s+[0-9A-F:]{59}/);
  assert.match(text, new RegExp(`CN\\s*=\\s*claude-bottle egress ${LONGEST_SLUG}`));
  assert.match(text, /Signature Algorithm: ecdsa-with-SHA256/);
});

test('a leaf that it signs passes the strict checks of OpenSSL, which Python 3.13 makes, too', async () => {
  const { certificate, key } = await mintAuthority('egress', 'demo');
  const at = (name: string): string => join(directory, name);
  writeFileSync(at('ca.pem'), certificate);
  writeFileSync(at('ca.key'), key);
  writeFileSync(
    at('ext'),
    'subjectAltName=DNS:site.test\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\nbasicConstraints=CA:FALSE\n',
  );
  const run = (...args: string[]): string => execFileSync('openssl', args, { stdio: 'pipe' }).toString();
  run(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    at('k'),
    '-subj',
    '/CN=site.test',
    '-out',
    at('csr'),
  );
  run(
    'x509',
    '-req',
    '-in',
    at('csr'),
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-extfile',
    at('ext'),
    '-days',
    '7',
    '-out',
    at('leaf.pem'),
  );
  assert.match(run('verify', '-x509_strict', '-CAfile', at('ca.pem'), at('leaf.pem')), /OK/);
});

test('certificate and key belong together, and two mints share neither key nor name', async () => {
  const [one, two] = await Promise.all([mintAuthority('egress', 'demo'), mintAuthority('egress', 'demo')]);
  const certificate = new X509Certificate(one.certificate);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(one.key)));
  assert.ok(certificate.ca);
  assert.is.not(one.key, two.key);
  assert.is.not(certificate.subject, new X509Certificate(two.certificate).subject);
});

function keep(state: string, authorities: ReadonlyMap<'egress' | 'pipelock', Authority>): void {
  replaceStateFiles(state, new Map(), new Map(authorityFiles(authorities)));
}

test('a CA is kept across deploys, and renewed when it is about to expire', async () => {
  const state = mkdtempSync(join(directory, 'state-'));
  const first = await bottleAuthorities(state, 'demo', ['egress', 'pipelock']);
  keep(state, first);
  assert.equal(await bottleAuthorities(state, 'demo', ['egress', 'pipelock']), first);
  const late = new Date(Date.now() + (VALID_DAYS - 30) * DAY_MS);
  const renewed = await bottleAuthorities(state, 'demo', ['egress'], late);
  assert.is.not(renewed.get('egress')?.certificate, first.get('egress')?.certificate);
});

test('a kept certificate whose key is not its own, or is unreadable, is replaced', async () => {
  const state = mkdtempSync(join(directory, 'state-'));
  const first = await bottleAuthorities(state, 'demo', ['egress', 'pipelock']);
  keep(state, first);
  writeFileSync(join(state, 'ca/egress-key.pem'), first.get('pipelock')?.key ?? '');
  writeFileSync(join(state, 'ca/pipelock-key.pem'), 'nonsense');
  const second = await bottleAuthorities(state, 'demo', ['egress', 'pipelock']);
  assert.is.not(second.get('egress')?.certificate, first.get('egress')?.certificate);
  assert.is.not(second.get('pipelock')?.certificate, first.get('pipelock')?.certificate);
});

test.run();
