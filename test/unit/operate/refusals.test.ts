import * as assert from 'uvu/assert';
import { logEvent, logLine, refusalIn, sinceMoment } from '../../../lib/operate/logs/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('lines and refusals of a log');

const line = (service: string, text: string) => logLine(service, { time: 't', text, continued: false });
const of = (daemon: string, event: object) => refusalIn(line('sidecars', `[${daemon}] ${JSON.stringify(event)}`));

test('the prefix of the init says who wrote a line; what has none is its own', () => {
  assert.equal(
    ['[egress] a', '[git-gate] [egress] b', '[init] c', 'Error: d', '[other] e'].map((text) => {
      const { source, text: rest } = line('sidecars', text);
      return [source, rest];
    }),
    [
      ['egress', 'a'],
      ['git-gate', '[egress] b'],
      ['init', 'c'],
      ['init', 'Error: d'],
      ['init', '[other] e'],
    ],
  );
});

test('the rest of a line that the init cut is marked, and no event', () => {
  const rest = line('sidecars', '[egress] (continued) {"event":"request","verdict":"refused"}');
  assert.is(rest.continued, true);
  assert.is(logEvent(rest), undefined);
  assert.is(refusalIn(rest), undefined);
});

test('the agent writes neither events nor refusals, whatever it prints', () => {
  const forged = '[egress] {"event":"request","verdict":"refused","rule":"route","host":"x"}';
  const written = line('agent', forged);
  assert.is(written.source, 'agent');
  assert.is(written.text, forged);
  assert.is(refusalIn(written), undefined);
  assert.is(refusalIn(line('agent', forged.slice('[egress] '.length))), undefined);
});

test('what egress refuses is told with rule, request and reason', () => {
  const request = { event: 'request', verdict: 'refused', rule: 'path', method: 'GET', host: 'a.test', path: '/x' };
  assert.equal(of('egress', { ...request, port: 443 }), {
    rule: 'path',
    subject: 'GET a.test/x',
    reason: 'the route does not allow this path, or it can be read in two ways',
  });
  assert.is(of('egress', { ...request, port: 8443 })?.subject, 'GET a.test:8443/x');
  assert.is(of('egress', { ...request, reason: 'no such path' })?.reason, 'no such path');
  assert.is(of('egress', { event: 'refused', rule: 'raw', host: 'a.test' })?.rule, 'raw');
  assert.is(of('egress', { event: 'failed', rule: 'pipelock', host: 'a.test', detail: 'd' })?.reason, 'd');
  assert.is(of('egress', { event: 'revoked', host: 'a.test' })?.subject, 'a.test');
});

test('what pipelock, git-gate and supervise turn down is told, too', () => {
  const blocked = { event: 'blocked', method: 'GET', url: 'https://a.test/', scanner: 'dlp', reason: 'a secret' };
  assert.equal(of('pipelock', blocked), { rule: 'dlp', subject: 'GET https://a.test/', reason: 'a secret' });
  const mismatch = { event: 'sni_mismatch', connect_host: 'a.test', sni_host: 'b.test', category: 'mismatch' };
  assert.match(of('pipelock', mismatch)?.reason ?? '', /b\.test \(mismatch\)/);
  const pushed = { event: 'push', remote: 'app', verdict: 'rejected' };
  const secret = {
    ...pushed,
    stage: 'scan',
    reason: 'secret',
    count: 2,
    rules: ['aws'],
    refused: [],
    findings: [
      { rule: 'aws', in: 'file', file: 'a.ts', line: 3 },
      { rule: 'jwt', in: 'commit' },
    ],
  };
  assert.equal(of('git-gate', secret), {
    rule: 'scan/secret',
    subject: 'push to app',
    reason: '2 secrets: aws in a.ts:3, jwt in a commit',
  });
  const branch = {
    ...pushed,
    stage: 'upstream',
    reason: 'rule',
    count: 0,
    rules: [],
    refused: ['main: is the HEAD branch'],
  };
  assert.is(of('git-gate', branch)?.reason, 'main: is the HEAD branch');
  const forward = { ...pushed, stage: 'forward', reason: 'host-key', refused: ['the host key is another'] };
  assert.equal(
    [of('git-gate', forward)?.rule, of('git-gate', forward)?.reason],
    ['forward/host-key', 'the host key is another'],
  );
  assert.equal(of('supervise', { event: 'verdict', id: 'p1', status: 'expired' }), {
    rule: 'expired',
    subject: 'proposal p1',
    reason: 'nobody answered in time',
  });
  assert.is(of('supervise', { event: 'verdict', id: 'p1', status: 'rejected' })?.rule, 'rejected');
});

test('what was allowed, or failed for another reason than a no, is no refusal', () => {
  for (const [daemon, event] of [
    ['egress', { event: 'request', verdict: 'allowed', rule: 'route', host: 'a.test' }],
    ['egress', { event: 'routes', outcome: 'rejected' }],
    ['egress', { event: 'failed', rule: 'upstream', host: 'a.test' }],
    ['pipelock', { event: 'tunnel_open' }],
    ['git-gate', { event: 'push', verdict: 'forwarded' }],
    ['supervise', { event: 'verdict', status: 'approved' }],
    ['git-gate', { event: 'blocked', scanner: 'dlp' }],
  ] as const) {
    assert.is(of(daemon, event), undefined, JSON.stringify(event));
  }
});

test('an event with other values than expected breaks nothing', () => {
  const odd = {
    event: 'push',
    verdict: 'rejected',
    refused: { a: 1 },
    rules: 7,
    count: 3,
    findings: [null, 7],
    remote: ['r', null],
  };
  assert.is(of('git-gate', odd)?.subject, 'push to r');
  assert.is(of('egress', { event: 'request', verdict: 'refused', host: {}, port: [] })?.subject, '');
  for (const text of ['{', '[1]', '{"a":}', 'null'])
    assert.is(logEvent(line('sidecars', `[egress] ${text}`)), undefined);
});

test('--since is how long ago, or a time', () => {
  const now = new Date('2026-01-31T12:00:00Z');
  assert.is(sinceMoment('10m', now), '2026-01-31T11:50:00.000000000Z');
  assert.is(sinceMoment('1d2h', now), '2026-01-30T10:00:00.000000000Z');
  assert.is(sinceMoment('2026-01-30T10:00:00+02:00', now), '2026-01-30T08:00:00.000000000Z');
  assert.match(sinceMoment('2026-01-30', now), /^2026-01-30T00:00:00/);
  assert.match(sinceMoment('2026-01-30T10:00', now), /^2026-01-30T10:00:00/, 'without a zone: UTC');
  assert.is(sinceMoment('99999d', now), '1970-01-01T00:00:00.000000000Z');
  for (const bad of ['', '10', 'm', 'yesterday', '2026-13-01', '--tail', '1h!', `${'9'.repeat(400)}d`]) {
    assert.throws(() => sinceMoment(bad, now), /neither a time nor how long ago/, bad);
  }
});

test.run();
