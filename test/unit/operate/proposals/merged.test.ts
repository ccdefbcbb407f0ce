import * as assert from 'uvu/assert';
import { BottleError } from '../../../../lib/errors.ts';
import { previewChanges } from '../../../../lib/operate/apply/index.ts';
import { decideOn, proposalView, type ReachProposal, type Terms } from '../../../../lib/operate/proposals/index.ts';
import { suite } from '../../../support/suite.ts';
import { TestState } from './state.ts';

const test = suite('proposals › what an approval opens of a host that is open in part');

const HOST = 'api.allowed.test';
const DECLARED = `version: 1
listen: claude-bottle-egress-demo:9099
routes:
  - host: ${HOST}
    ports:
      - 443
      - 8443
    pathPrefixes:
      - /v1/
    auth:
      scheme: Bearer
      slot: 0
    webSocket: true
  - host: plain.allowed.test
    ports:
      - 443
    pathPrefixes:
      - /v1/
`;
const PIPELOCK = `version: 1
api_allowlist:
  - ${HOST}
  - plain.allowed.test
tls_interception:
  passthrough_domains:
    - ${HOST}
request_body_scanning:
  ignore_headers:
    - authorization
`;
const CLOSED = DECLARED.replace(/ {2}- host: api[\s\S]*?(?= {2}- host: plain)/, '');

let state: TestState;
test.beforeEach(() => {
  state = new TestState();
  for (const directory of ['', 'declared/']) {
    state.write(`${directory}egress/routes.yaml`, DECLARED);
    state.write(`${directory}pipelock/pipelock.yaml`, PIPELOCK);
  }
});
test.afterEach(() => state.remove());

const ask = (args: object): ReachProposal => state.propose('egress-block', args) as ReachProposal;

function outcome(proposal: ReachProposal, terms: Terms = {}, exactly = true): unknown {
  try {
    const { change, status } = decideOn(state.bottle, proposal, terms, exactly);
    return [status, change, previewChanges(state.bottle, [change]).opens];
  } catch (error) {
    if (error instanceof BottleError) return error.code;
    throw error;
  }
}

test('a view tells the credential, the WebSockets, the ports and the scan of the host as they will be, not as asked', () => {
  const view = proposalView(state.bottle, ask({ host: HOST, pathPrefixes: ['/admin/'] }));
  const closed = view.staysClosed.join('\n');
  assert.is(view.obstacle, undefined);
  assert.is(view.credential, 'GH_TOKEN');
  assert.match(view.warnings.join('\n'), /already gets the credential GH_TOKEN; what is opened gets it too/);
  assert.match(view.preview?.opens[0] ?? '', /below \/v1\/, \/admin\/, .*with the credential GH_TOKEN/);
  assert.not.match(closed, /no credential/);
  assert.not.match(closed, /^WebSockets/m);
  assert.not.match(closed, /still scanned/);
  assert.match(closed, /nothing of what is sent there is scanned/);
  assert.match(closed, /on any port but 443, 8443/);
  assert.match(closed, /that are not below \/v1\/, \/admin\//);
});

test('a host that has none of it is told as that', () => {
  const view = proposalView(state.bottle, ask({ host: 'plain.allowed.test', pathPrefixes: ['/admin/'] }));
  assert.equal([view.credential, view.warnings, view.obstacle], [undefined, [], undefined]);
  for (const line of ['no credential goes with it', 'WebSockets', 'plain.allowed.test on any port but 443']) {
    assert.ok(view.staysClosed.includes(line), line);
  }
  assert.match(view.staysClosed.join('\n'), /still scanned/);
});

test('more of a host that gets a credential is opened only if that credential is named', () => {
  const proposal = ask({ host: HOST, pathPrefixes: ['/admin/'] });
  const opened = { kind: 'open', host: HOST, pathPrefixes: ['/admin/'] };
  for (const exactly of [true, false]) {
    assert.is(outcome(proposal, {}, exactly), 'supervise/credential-not-named');
    const [status, change, opens] = outcome(proposal, { credential: 'GH_TOKEN' }, exactly) as unknown[];
    assert.equal([status, change], ['approved', opened]);
    assert.match(String(opens), /with the credential GH_TOKEN/);
  }
  assert.is(outcome(proposal, { credential: 'OTHER' }), 'supervise/not-as-asked');
  assert.is(outcome(proposal, { credential: 'OTHER' }, false), 'allow/refused');
  assert.is(
    outcome(ask({ host: 'a.test' }), { host: HOST, pathPrefixes: ['/x/'] }, false),
    'supervise/credential-not-named',
  );
});

test('what the host does already needs no name again', () => {
  const proposal = ask({ host: HOST, pathPrefixes: ['/v1/users/'] });
  assert.equal((outcome(proposal) as unknown[])[0], 'approved');
  assert.is(proposalView(state.bottle, proposal).credential, undefined);
});

test('a declared host that was closed comes back with its credential only if that is named', () => {
  const close = {
    id: '0a1b2c3d-0000-4000-8000-000000000000',
    kind: 'close',
    host: HOST,
    time: '2030-01-01T00:00:00Z',
    who: 'ann',
    why: 'x',
    origin: 'allow',
  };
  state.write('grants.json', JSON.stringify({ version: 1, grants: [close] }));
  state.write('egress/routes.yaml', CLOSED);
  const proposal = ask({ host: HOST });
  assert.is(outcome(proposal), 'supervise/credential-not-named');
  assert.is(proposalView(state.bottle, proposal).credential, 'GH_TOKEN');
  assert.equal((outcome(proposal, { credential: 'GH_TOKEN' }) as unknown[])[0], 'approved');
});

test('a grant whose credential waits for the next deploy counts as one that has it', () => {
  const grant = {
    id: '0a1b2c3d-0000-4000-8000-000000000000',
    kind: 'open',
    host: 'late.test',
    time: '2030-01-01T00:00:00Z',
    who: 'ann',
    why: 'x',
    origin: 'allow',
    ports: [443],
    pathPrefixes: ['/a/'],
    auth: { scheme: 'Bearer', from: 'LATE_TOKEN' },
  };
  state.write('grants.json', JSON.stringify({ version: 1, grants: [grant] }));
  assert.is(outcome(ask({ host: 'late.test', pathPrefixes: ['/b/'] })), 'supervise/credential-not-named');
});

test.run();
