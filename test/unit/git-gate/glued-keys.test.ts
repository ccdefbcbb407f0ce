import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { gluedKeys } from '../../../images/sidecars/git-gate/scan/glued-keys.ts';
import { suite } from '../../support/suite.ts';
import { HARMLESS_BODIES, noise } from '../scanner/support/harmless.ts';
import { SECRETS } from '../scanner/support/secrets.ts';

const test = suite('git-gate glued keys', { timeoutMs: 60_000 });

const rules = (text: string | Buffer): string[] => gluedKeys(Buffer.from(text)).map(({ rule }) => rule);

/** The kinds with a prefix that nothing else has, and the name of the rule that finds each. */
const KINDS: Readonly<Record<string, string>> = {
  'AWS access key id alone': 'AWS Access ID',
  'AWS session key id': 'AWS Access ID',
  'GitHub token': 'GitHub Token',
  'GitHub fine-grained token': 'GitHub Fine-Grained PAT',
  'GitLab token': 'GitLab PAT',
  'Slack token': 'Slack Token',
  'Stripe key': 'Stripe Key',
  'Anthropic key': 'Anthropic API Key',
  'OpenAI project key': 'OpenAI API Key',
  'npm token': 'npm Token',
  'PyPI token': 'PyPI Token',
  'Vault token': 'HashiCorp Vault Token',
  'SendGrid key': 'SendGrid API Key',
  'DigitalOcean token': 'DigitalOcean Token',
};

for (const [kind, rule] of Object.entries(KINDS)) {
  test(`finds a ${kind} whatever is glued to it, also in base64 and percent encoding`, () => {
    const secret = SECRETS[kind] ?? '';
    for (const text of [`x${secret}x`, `key_${secret}`, `9${secret}0`, `AKIAAKIA${secret}`, `ghp_ghp_${secret}`]) {
      assert.ok(rules(text).includes(rule), text.replace(secret, '…'));
      assert.ok(rules(Buffer.from(text).toString('base64')).includes(rule), `base64 of ${text.replace(secret, '…')}`);
    }
    assert.ok(rules(`x${secret}${'x'.repeat(200)}`).includes(rule), 'a long tail');
    assert.ok(rules(`x${secret.replaceAll(/[A-Z]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}x`).includes(rule));
  });
}

test('finds a key id with capitals before it, one with a letter around it that has no digit, and says the line', () => {
  assert.equal(gluedKeys(Buffer.from(`a\nb\nACCAASIA${SECRETS['AWS access key id alone']}X\n`))[0], {
    rule: 'AWS Access ID',
    line: 2,
  });
  assert.equal(rules(`xAKIA${'QWERTYUIOPASDFGH'}x`), ['AWS Access ID']);
});

for (const [what, body] of Object.entries(HARMLESS_BODIES)) {
  test(`finds nothing in ${what}`, () => {
    for (let at = 0; at < body.length; at += 15_000)
      assert.equal(rules(body.subarray(at, at + 23_000)), [], `at ${at}`);
  });
}

test('finds nothing in base64 of megabytes, in sequences of amino acids and in DNA', () => {
  const text = noise(3_000_000, 'image').toString('base64');
  for (let at = 0; at < text.length; at += 15_000) assert.equal(rules(text.slice(at, at + 23_000)), []);
  const letters = (alphabet: string): string =>
    [...noise(20_000, alphabet)].map((byte) => alphabet[byte % alphabet.length]).join('');
  for (const alphabet of ['ACGT', 'ACDEFGHIKLMNPQRSTVWY']) assert.equal(rules(letters(alphabet)), []);
  assert.equal(rules(`${'ACDEFGHIKLMNPQRSTVWY'}AKIA${'ACDEFGHIKLMNPQRSTVWY'}`), []);
});

test('stops at a compression bomb, and says so', () => {
  assert.equal(rules(gzipSync(Buffer.alloc(20_000_000))), ['encoded-beyond-limit']);
});

test('takes a placeholder for none', () => {
  const sha = createHash('sha256').update('x').digest('hex');
  const placeholders = [
    `ghp_${'x'.repeat(36)}`,
    'ghp_yourGitHubPersonalAccessTokenGoesHereX',
    `npm_${'X'.repeat(36)}`,
    'AKIAIOSFODNN7EXAMPLE',
    `AKIA${'X'.repeat(16)}`,
    'xoxb-your-token-goes-here-1',
    'sk-ant-api03-your-key-goes-here',
    'task_live_updateEverythingInTheBackground',
    `integrity-${sha}`,
  ];
  for (const text of placeholders) assert.equal(rules(text), [], text);
});

test.run();
