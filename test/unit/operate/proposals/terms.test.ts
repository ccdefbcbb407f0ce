import { randomUUID } from 'node:crypto';
import * as assert from 'uvu/assert';
import { Proposal } from '../../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../../../lib/errors.ts';
import { type Policy, parsePolicy } from '../../../../lib/operate/grants/index.ts';
import { decide, type ReachProposal, type Terms } from '../../../../lib/operate/proposals/index.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('proposals › what an approval opens');

const PIPELOCK = `api_allowlist: [api.github.com, docs.example.org, "*.corp.example"]
tls_interception: { passthrough_domains: [] }
request_body_scanning: { ignore_headers: [authorization] }
`;
const ROUTES = `version: 1
listen: x:9099
routes:
  - { host: api.github.com, ports: [443], methods: [GET], pathPrefixes: [/repos/acme/], auth: { scheme: Bearer, slot: 0 } }
  - { host: docs.example.org, ports: [443] }
`;
const WITH_EGRESS = parsePolicy({ routes: ROUTES, pipelock: PIPELOCK });
const WITHOUT = parsePolicy({ pipelock: PIPELOCK });

const header = {
  version: 1,
  id: randomUUID(),
  slug: 'demo',
  created: '2030-01-01T00:00:00Z',
  expires: '2030-01-01T00:10:00Z',
};

const egress = (args: object): ReachProposal =>
  Proposal.parse({ ...header, tool: 'egress-block', arguments: { justification: 'x', ...args } }) as ReachProposal;
const pipelock = (url: string): ReachProposal =>
  Proposal.parse({
    ...header,
    tool: 'pipelock-block',
    arguments: { justification: 'x', failed_url: url },
  }) as ReachProposal;

function outcome(proposal: ReachProposal, terms: Terms = {}, policy: Policy = WITH_EGRESS, exactly = true): unknown {
  try {
    const { change, status } = decide(proposal, terms, policy, exactly);
    const { kind: _, ...rest } = change;
    return { [status]: rest };
  } catch (error) {
    if (error instanceof BottleError) return error.code;
    throw error;
  }
}

const HOST = 'api.example.org';
const AUTH = { scheme: 'header', tokenFrom: 'GH_TOKEN', header: 'X-Key' } as const;
const WITH_AUTH = egress({ host: HOST, pathPrefixes: ['/v1/'], auth: AUTH });

test('a host is approved as asked: whole, or below the paths that were named', () => {
  assert.equal(outcome(egress({ host: HOST })), { approved: { host: HOST } });
  assert.equal(outcome(egress({ host: HOST, pathPrefixes: ['/a', '/b/'] })), {
    approved: { host: HOST, pathPrefixes: ['/a', '/b/'] },
  });
});

test('a host that is open in part is asked for whole, which has to be said', () => {
  assert.equal(outcome(egress({ host: 'api.github.com' })), {
    approved: { host: 'api.github.com', pathPrefixes: ['/'] },
  });
});

test('a credential goes with a host only if the operator names it', () => {
  assert.is(outcome(WITH_AUTH), 'supervise/credential-not-named');
  assert.equal(outcome(WITH_AUTH, { credential: 'GH_TOKEN' }), {
    approved: { host: HOST, pathPrefixes: ['/v1/'], auth: { scheme: 'header', from: 'GH_TOKEN', header: 'X-Key' } },
  });
  assert.is(outcome(WITH_AUTH, { credential: 'OTHER' }), 'supervise/not-as-asked');
  assert.equal(outcome(WITH_AUTH, {}, WITH_EGRESS, false), { modified: { host: HOST, pathPrefixes: ['/v1/'] } });
  assert.equal(outcome(WITH_AUTH, { credential: 'OTHER', scheme: 'Bearer' }, WITH_EGRESS, false), {
    modified: { host: HOST, pathPrefixes: ['/v1/'], auth: { scheme: 'Bearer', from: 'OTHER' } },
  });
});

test('a credential that nobody asked for is a modification', () => {
  assert.is(outcome(egress({ host: HOST }), { credential: 'GH_TOKEN' }), 'supervise/not-as-asked');
  assert.equal(outcome(egress({ host: HOST }), { credential: 'GH_TOKEN' }, WITH_EGRESS, false), {
    modified: { host: HOST, auth: { scheme: 'Bearer', from: 'GH_TOKEN' } },
  });
  assert.is(outcome(egress({ host: HOST }), { scheme: 'token' }, WITH_EGRESS, false), 'supervise/no-credential');
});

test('what the operator says takes the place of what was asked, and counts as modified', () => {
  const terms: Terms = {
    host: 'API.example.com',
    methods: ['get'],
    pathPrefixes: ['/v2/'],
    ports: [8443],
    expires: '2031-01-01T00:00:00Z',
  };
  assert.equal(outcome(WITH_AUTH, terms, WITH_EGRESS, false), {
    modified: {
      host: 'api.example.com',
      pathPrefixes: ['/v2/'],
      ports: [8443],
      methods: ['GET'],
      expires: '2031-01-01T00:00:00Z',
    },
  });
  for (const term of [
    { methods: ['GET'] },
    { expires: '2031-01-01T00:00:00Z' },
    { webSocket: true },
    { host: 'b.test' },
  ]) {
    assert.is(outcome(egress({ host: HOST }), term), 'supervise/not-as-asked', JSON.stringify(term));
  }
  assert.equal(outcome(egress({ host: HOST, pathPrefixes: ['/a'] }), { pathPrefixes: ['/a'], host: HOST }), {
    approved: { host: HOST, pathPrefixes: ['/a'] },
  });
});

for (const host of [
  '169.254.169.254',
  '2852039166',
  '0x7f.1',
  '127.0.0.1',
  '10.0.0.1',
  'localhost',
  'metadata.google.internal',
  '*.com',
  'com',
  'pipelock',
  'supervise',
  'claude-bottle-pipelock-demo',
  'listen-egress-demo',
  '169.254.169.254.nip.io',
  'xn--a/b',
]) {
  test(`${host} cannot be approved, whatever the operator says`, () => {
    assert.is(outcome(egress({ host: HOST }), { host }, WITH_EGRESS, false), 'supervise/invalid-host');
    const forged = { ...egress({ host: HOST }), arguments: { host, justification: 'x' } } as ReachProposal;
    assert.is(outcome(forged), 'supervise/invalid-host');
  });
}

test('a request that pipelock refused because its host is not listed is opened by its own path and port', () => {
  assert.equal(outcome(pipelock('https://new.example.org/a/b?x=1')), {
    approved: { host: 'new.example.org', pathPrefixes: ['/a/b'] },
  });
  assert.equal(outcome(pipelock('http://new.example.org:8080/')), {
    approved: { host: 'new.example.org', ports: [8080], pathPrefixes: ['/'] },
  });
  assert.equal(outcome(pipelock('https://api.github.com/user')), {
    approved: { host: 'api.github.com', pathPrefixes: ['/user'] },
  });
});

test('a request that the scan refused is not helped by opening, but for taking its host out of the scan', () => {
  const scanned = pipelock('https://docs.example.org/x?y=1');
  assert.is(outcome(scanned), 'supervise/scan-refused');
  assert.is(outcome(scanned, { pathPrefixes: ['/'] }, WITH_EGRESS, false), 'supervise/scan-refused');
  assert.equal(outcome(scanned, { tlsPassthrough: true }), {
    approved: { host: 'docs.example.org', tlsPassthrough: true },
  });
  assert.is(outcome(pipelock('https://api.github.com/repos/acme/x')), 'supervise/scan-refused');
});

for (const path of ['/docs/a%2fb', '/docs/%2e%2e%2fx', '/docs//x']) {
  test(`a refused request for ${path}, which no prefix can name, does not open its whole host`, () => {
    for (const url of [`https://new.example.org${path}`, `https://api.github.com${path}`]) {
      assert.is(outcome(pipelock(url)), 'supervise/path-not-canonical');
      assert.is(outcome(pipelock(url), {}, WITH_EGRESS, false), 'supervise/path-not-canonical');
      assert.is(outcome(pipelock(url), { tlsPassthrough: true }, WITH_EGRESS, false), 'supervise/path-not-canonical');
      assert.is(outcome(pipelock(url), { pathPrefixes: ['/docs/'] }), 'supervise/not-as-asked');
    }
    assert.equal(
      outcome(pipelock(`https://new.example.org:8443${path}`), { pathPrefixes: ['/docs/'] }, WITH_EGRESS, false),
      {
        modified: { host: 'new.example.org', ports: [8443], pathPrefixes: ['/docs/'] },
      },
    );
    assert.is(outcome(pipelock(`https://docs.example.org${path}`)), 'supervise/scan-refused');
  });
}

test('without egress a host is opened whole or not at all, and what is listed was refused by the scan', () => {
  assert.equal(outcome(pipelock('https://new.example.org/a'), {}, WITHOUT), { approved: { host: 'new.example.org' } });
  assert.is(outcome(pipelock('https://docs.example.org/a'), {}, WITHOUT), 'supervise/scan-refused');
  assert.is(outcome(pipelock('https://x.corp.example/a'), {}, WITHOUT), 'supervise/scan-refused');
  assert.equal(outcome(pipelock('https://x.corp.example/a'), { tlsPassthrough: true }, WITHOUT), {
    approved: { host: 'x.corp.example', tlsPassthrough: true },
  });
  assert.equal(outcome(egress({ host: HOST }), {}, WITHOUT), { approved: { host: HOST } });
  assert.equal(outcome(egress({ host: HOST, pathPrefixes: ['/v1/'] }), { pathPrefixes: ['/'] }, WITHOUT, false), {
    modified: { host: HOST },
  });
});

test.run();
