import * as assert from 'uvu/assert';
import { BottleError } from '../../../../lib/errors.ts';
import type { PolicyChange, PolicyTexts } from '../../../../lib/operate/grants/index.ts';
import { exposed } from '../../../support/plans.ts';
import { suite } from '../../../support/suite.ts';
import { close, declaredPolicy, granted, open, WITH_EGRESS, WITHOUT_EGRESS } from './declared.ts';

const test = suite('refused live changes');

function refusal(declared: PolicyTexts, ...changes: readonly PolicyChange[]): BottleError {
  try {
    granted(declared, ...changes);
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error(`nothing refused ${JSON.stringify(changes)}`);
}

const HOSTS_THAT_NOBODY_OPENS = [
  ...['169.254.169.254', 'metadata.google.internal', 'instance-data', 'metadata', '0xa9fea9fe', '2852039166'],
  ...['localhost', 'a.localhost', '127.0.0.1', '127.1', '0177.0.0.1', '0x7f.1', '[::1]', '::1', 'localtest.me'],
  ...['10.0.0.1', '172.17.0.1', '192.168.1.1', '100.64.0.1', '203.0.113.9', '10.0.0.1.nip.io', 'printer.local'],
  ...['*.com', '*.co.uk', '*.example.org', '*', 'com'],
  ...['egress', 'pipelock', 'git-gate', 'supervise', 'agent', 'sidecars', 'claude-bottle-egress-demo'],
  ...['host.docker.internal', 'kubernetes.default.svc', 'db.internal'],
  ...['Docs.Example.com', 'docs.example.com.', 'https://docs.example.com', 'docs.example.com:443', 'a@example.com'],
  ...[
    'docs.example.com/path',
    'dócs.example.com',
    'a..example.com',
    '-a.example.com',
    'a b.example.com',
    '',
    'a%2eb.com',
  ],
  ...['docs.example.com\n', 'docs_1.example.com', `${'a'.repeat(64)}.example.com`],
];

test('no metadata service, no address in any spelling, no wildcard, no name of the bottle, no other spelling is opened', () => {
  for (const host of HOSTS_THAT_NOBODY_OPENS) {
    for (const declared of [WITH_EGRESS, WITHOUT_EGRESS]) {
      const error = refusal(declared, open(host));
      assert.is(error.code, 'allow/invalid-host', host);
      assert.is(error.exitCode, 2);
      assert.match(error.fix ?? '', /exact DNS name/);
    }
  }
  assert.is(granted(WITH_EGRESS, open('docs.example.com')).length, 1, 'the plain name is opened');
  assert.match(refusal(WITH_EGRESS, open('Docs.Example.com')).message, /allowed: 'docs.example.com'/);
});

test('methods, paths, ports and credentials obey the rules of a definition', () => {
  const bad: readonly Partial<Extract<PolicyChange, { kind: 'open' }>>[] = [
    ...[['get'], ['TRACE'], ['CONNECT'], [], ['GET', 'GET']].map((methods) => ({ methods })),
    ...[['/a/../b'], ['a'], ['/a%2fb'], ['/a?b'], [], ['/a', '/%61']].map((pathPrefixes) => ({ pathPrefixes })),
    ...[[0], [65_536], [443, 443], []].map((ports) => ({ ports })),
    { auth: { scheme: 'header', from: 'GH_TOKEN', header: 'Host' } },
    { auth: { scheme: 'header', from: 'GH_TOKEN' } },
    { auth: { scheme: 'Basic', from: 'GH_TOKEN', user: 'a:b' } },
    { auth: { scheme: 'Bearer', from: 'GH_TOKEN; rm' } },
    { auth: { scheme: 'Bearer', from: `ghp_${'a1B2'.repeat(9)}` } },
    { expires: '2026-03-01T11:59:59.000Z' },
    { expires: 'tomorrow' },
  ];
  for (const more of bad) {
    assert.is(refusal(WITH_EGRESS, open('new.example.org', more)).code, 'allow/invalid-value', JSON.stringify(more));
  }
});

test('what one entry a host cannot say without opening more is refused, and says what to name instead', () => {
  const both = open('api.github.com', { methods: ['POST'], pathPrefixes: ['/user'] });
  const error = refusal(WITH_EGRESS, both);
  assert.is(error.code, 'allow/refused');
  assert.match(error.message, /GET below \/repos\/acme\/.*POST below \/user/);
  assert.match(error.fix ?? '', /same methods/);
  assert.is(granted(WITH_EGRESS, open('api.github.com', { methods: ['POST'] })).length, 1);
});

test('a declared host with limits is not opened whole by its bare name', () => {
  assert.match(refusal(WITH_EGRESS, open('api.github.com')).message, /declared with limits/);
  assert.equal(granted(WITH_EGRESS, open('docs.example.org')), [], 'without limits it is open already');
  assert.equal(
    granted(WITH_EGRESS, open('api.github.com', { pathPrefixes: ['/repos/acme/x'] })),
    [],
    'within them, too',
  );
});

test('what is declared gets no expiry, because egress would end all of the entry', () => {
  const change = open('api.github.com', { pathPrefixes: ['/user'], expires: '2026-03-02T00:00:00.000Z' });
  assert.match(refusal(WITH_EGRESS, change).message, /only as a whole/);
});

test('a grant with an end is not widened beyond it', () => {
  const first = open('new.example.org', { pathPrefixes: ['/a'], expires: '2026-03-02T00:00:00.000Z' });
  assert.match(
    refusal(WITH_EGRESS, first, open('new.example.org', { pathPrefixes: ['/b'] })).message,
    /one entry has one end/,
  );
  const [grant] = granted(WITH_EGRESS, first, open('new.example.org', { expires: '2026-03-03T00:00:00.000Z' }));
  assert.is(grant?.kind === 'open' && grant.expires, '2026-03-03T00:00:00.000Z');
});

test('an expiry that nobody would enforce is refused', () => {
  const change = open('new.example.org', { expires: '2026-03-02T00:00:00.000Z' });
  const reachable = declaredPolicy(['egress'], exposed(['egress']));
  for (const declared of [WITHOUT_EGRESS, reachable]) {
    assert.is(refusal(declared, change).code, 'allow/not-enforced');
  }
});

test('without egress nothing but whole hosts is opened, scanned or not', () => {
  for (const more of [{ methods: ['GET'] }, { pathPrefixes: ['/a'] }, { ports: [8443] }, { webSocket: true }]) {
    assert.is(refusal(WITHOUT_EGRESS, open('new.example.org', more)).code, 'allow/not-enforced');
  }
});

test('a second credential for one host is refused', () => {
  const auth = { scheme: 'Bearer', from: 'CLAUDE_CODE_OAUTH_TOKEN' } as const;
  assert.match(refusal(WITH_EGRESS, open('api.github.com', { auth })).message, /authenticated with GH_TOKEN/);
});

test('a host that is not open cannot be closed, and one that a wildcard holds open says so', () => {
  assert.match(refusal(WITH_EGRESS, close('new.example.org')).message, /is not open/);
  assert.match(refusal(WITHOUT_EGRESS, close('a.example.net')).message, /stays open by the declared \*\.example\.net/);
  assert.is(granted(WITHOUT_EGRESS, close('*.example.net')).length, 1);
});

test('a closed declared host is opened again as declared before it gets more', () => {
  const more = open('api.github.com', { pathPrefixes: ['/user'] });
  assert.match(refusal(WITH_EGRESS, close('api.github.com'), more).message, /was closed/);
});

test.run();
