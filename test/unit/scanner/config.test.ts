import { createHash } from 'node:crypto';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { downgrades } from '../../../images/sidecars/scanner/config/downgrades.ts';
import { ConfigError, loadConfig, parseConfig } from '../../../images/sidecars/scanner/config/load.ts';
import { policyOf } from '../../../images/sidecars/scanner/policy.ts';
import { suite } from '../../support/suite.ts';
import { baseConfig } from './support/bench.ts';

const test = suite('pipelock.yaml as the scanner reads it');

type Tree = { [key: string]: Tree } & { [key: string]: unknown };

function changed(path: string, value: unknown): Buffer {
  const config = baseConfig('/run/pipelock') as Tree;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let node: Tree = config;
  for (const key of keys) node = node[key] as Tree;
  if (value === undefined) delete node[last];
  else node[last] = value as Tree;
  return Buffer.from(stringify(config));
}

function messageOf(bytes: Buffer): string {
  try {
    parseConfig(bytes, 'pipelock.yaml');
  } catch (reason) {
    if (reason instanceof ConfigError) return reason.message;
    throw reason;
  }
  return '';
}

test('what the renderer writes is read, and known by the SHA-256 of its bytes', () => {
  const bytes = changed('version', 1);
  const { config, hash } = parseConfig(bytes, 'pipelock.yaml');
  assert.is(config.tls_interception.max_response_bytes, 100_000);
  assert.is(hash, createHash('sha256').update(bytes).digest('hex'));
});

test('every mistake has its line: place, value, what is allowed', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['version', 2, 'version: 2; allowed: 1'],
    ['mode', 'balanced', 'mode: "balanced"; allowed: strict'],
    ['enforce', false, 'enforce: false; allowed: true'],
    ['api_allowlist', [], 'api_allowlist: []; allowed: at least one host'],
    ['api_allowlist', ['https://a.example'], 'api_allowlist.0: "https://a.example"; allowed: a host, or *.suffix'],
    ['trusted_domains', 'corp.example', 'trusted_domains: "corp.example"; allowed: a list of hosts'],
    ['fetch_proxy.listen', undefined, 'fetch_proxy.listen: missing; allowed: <host>:<port>'],
    ['fetch_proxy.monitoring.max_requests_per_minute', '9', 'max_requests_per_minute: "9"; allowed: a whole number'],
    ['forward_proxy.enabled', false, 'forward_proxy.enabled: false; allowed: true'],
    ['tls_interception.enabled', false, 'tls_interception.enabled: false; allowed: true'],
    ['tls_interception.ca_key', 'ca.pem', 'tls_interception.ca_key: "ca.pem"; allowed: an absolute path'],
    ['tls_interception.max_response_bytes', 0, 'max_response_bytes: 0; allowed: a whole number from 1 to'],
    ['request_body_scanning.action', 'warn', 'request_body_scanning.action: "warn"; allowed: block'],
    ['request_body_scanning.header_mode', 'sensitive', 'header_mode: "sensitive"; allowed: all'],
    ['request_body_scanning.scan_headers', false, 'scan_headers: false; allowed: true'],
    ['dlp.scan_env', true, 'dlp.scan_env: true; allowed: false'],
    ['sentry.enabled', true, 'sentry.enabled: true; allowed: false'],
    ['logging.format', 'text', 'logging.format: "text"; allowed: json'],
    ['internal', [], 'top level: unknown key internal; allowed: version, mode'],
    ['dlp.patterns', [], 'dlp: unknown key patterns; allowed: scan_env'],
    ['ssrf', { ip_allowlist: ['10.0.0.0/8'] }, 'top level: unknown key ssrf;'],
  ];
  for (const [path, value, expected] of cases) {
    const message = messageOf(changed(path, value));
    assert.ok(message.includes(expected), `${path}: ${message}`);
  }
});

test('all mistakes are reported at once', () => {
  const lines = messageOf(Buffer.from('version: 1\nmode: audit\nwhat: 1\n')).split('\n');
  assert.ok(lines.length >= 6, lines.join('\n'));
});

test('a file that is no YAML mapping, has a key twice or aliases is refused', () => {
  for (const text of [
    '',
    '[1]',
    'a: [',
    'version: 1\nversion: 1\n',
    'a: &x 1\nb: *x\n',
    'null',
    '!!js/function x: 1',
  ]) {
    assert.is.not(messageOf(Buffer.from(text)), '', text);
  }
  assert.throws(() => loadConfig('/nonexistent/pipelock.yaml'), /cannot be read: ENOENT/);
});

test('in a container of its own, egress stands in front when its own header is passed over', () => {
  const behind = (host: string, ...ignored: string[]): boolean => {
    const config = baseConfig('/run/pipelock') as Tree;
    const proxy = { listen: `${host}:8888`, monitoring: { max_requests_per_minute: 1000 } };
    const scanning = { ...config['request_body_scanning'], ignore_headers: ignored };
    const text = stringify({ ...config, fetch_proxy: proxy, request_body_scanning: scanning });
    return policyOf(parseConfig(Buffer.from(text), 'x')).behindEgress;
  };
  assert.is(behind('listen-pipelock-demo', 'te', 'Authorization'), true);
  assert.is(behind('listen-pipelock-demo', 'te', 'upgrade'), false);
  assert.is(behind('claude-bottle-pipelock-demo', 'te', 'authorization'), false);
  assert.is(behind('unlisten-pipelock-demo', 'authorization'), false);
});

test('egress stands in front when the listen address is loopback', () => {
  const policy = (listen: string) => policyOf(parseConfig(changed('fetch_proxy.listen', listen), 'x'));
  assert.is(policy('127.0.0.1:8888').behindEgress, true);
  for (const listen of ['claude-bottle-pipelock-demo:8888', '0.0.0.0:8888', '172.18.0.2:8888', '127.evil.test:8888']) {
    assert.is(policy(listen).behindEgress, false, listen);
  }
});

test('a reload may narrow and change the allowlist, but not look away', () => {
  const config = (bytes: Buffer) => parseConfig(bytes, 'x').config;
  const before = config(changed('version', 1));
  const after = (path: string, value: unknown) => downgrades(before, config(changed(path, value)));
  assert.equal(after('api_allowlist', ['new.test']), []);
  assert.equal(after('trusted_domains', []), []);
  assert.equal(after('tls_interception.passthrough_domains', []), []);
  assert.equal(after('request_body_scanning.max_body_bytes', 1000), []);
  assert.is(after('trusted_domains', ['corp.test', 'new.test']).length, 1);
  assert.is(after('tls_interception.passthrough_domains', ['pass.test', 'x.test']).length, 1);
  assert.is(after('dlp', undefined).length, 1);
  assert.is(after('response_scanning', undefined).length, 1);
  assert.is(after('fetch_proxy.listen', '127.0.0.1:9999').length, 1);
});

test.run();
