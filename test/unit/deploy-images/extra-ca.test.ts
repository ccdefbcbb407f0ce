import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import * as assert from 'uvu/assert';
import { extraBuildCA, extraCaArguments } from '../../../lib/deploy/images/extra-ca.ts';
import { suite } from '../../support/suite.ts';

const test = suite('extra build CA');
const folder = mkdtempSync(join(tmpdir(), 'claude-bottle-ca-'));
const own = readFileSync(join(import.meta.dirname, 'ca.pem'), 'utf8').trim();
const count = (text: string) => text.split('BEGIN CERTIFICATE').length - 1;

test.after(() => rmSync(folder, { recursive: true }));

test('variables that are unset, empty or name no file give none', () => {
  assert.is(extraBuildCA({}), undefined);
  assert.is(extraBuildCA({ NODE_EXTRA_CA_CERTS: '', SSL_CERT_FILE: join(folder, 'none') }), undefined);
  assert.equal(extraCaArguments({}, join(folder, 'unused')), []);
});

test('each certificate is there once, with the public roots', () => {
  const file = join(folder, 'bundle.pem');
  writeFileSync(file, `${own}\n${own}\n${rootCertificates[0]}\n`);
  const bundle = extraBuildCA({ NODE_EXTRA_CA_CERTS: file, PIP_CERT: file }) ?? '';
  assert.is(count(bundle), rootCertificates.length + 1);
  assert.ok(bundle.includes(own));
});

test('a private key in such a file stays out', () => {
  const file = join(folder, 'with-key.pem');
  const label = 'PRIVATE KEY';
  writeFileSync(file, `-----BEGIN ${label}-----\nc2VjcmV0\n-----END ${label}-----\n${own}\n`);
  const bundle = extraBuildCA({ SSL_CERT_FILE: file }) ?? '';
  assert.ok(bundle.includes(own));
  assert.not.match(bundle, 'c2VjcmV0');
  assert.not.match(bundle, label);
});

test('the secret file is for its owner alone', () => {
  const path = join(folder, 'secret');
  const args = extraCaArguments({ NODE_EXTRA_CA_CERTS: join(import.meta.dirname, 'ca.pem') }, path);
  assert.equal(args, ['--secret', `id=extra_ca,src=${path}`]);
  assert.is(statSync(path).mode & 0o777, 0o600);
});

test.run();
