import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { BottleError } from '../../../../lib/errors.ts';
import { verifyAudit } from '../../../../lib/operate/audit/index.ts';
import { readCapabilities } from '../../../../lib/operate/capabilities/index.ts';
import {
  approveCapability,
  type CapabilityProposal,
  decideCapability,
  proposalView,
  reject,
} from '../../../../lib/operate/proposals/index.ts';
import { suite } from '../../../support/suite.ts';
import { TestState } from './state.ts';

const test = suite('proposals › answers that change no policy');

let state: TestState;
test.beforeEach(() => {
  state = new TestState();
});
test.afterEach(() => state.remove());

const ANN = { who: 'ann (uid 1000)', note: 'fine' };

function codeOf(error: unknown): string {
  return error instanceof BottleError ? error.code : String(error);
}

async function failure(action: () => unknown): Promise<string> {
  try {
    await action();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
}

const capability = (args: object): CapabilityProposal => state.propose('capability-block', args) as CapabilityProposal;
const audit = () => verifyAudit(state.path()).lines.flatMap((line) => (line.kind === 'verdict' ? [line] : []));

test('a rejection is answered and written into the audit log, whether the bundle runs or not', async () => {
  const proposal = state.propose('egress-block', { host: 'docs.example.org' });
  assert.equal(await reject(state.bottle, proposal, ANN), []);
  const { status, notes, by } = state.response(proposal.id);
  assert.equal([status, notes, by], ['rejected', 'fine', 'ann (uid 1000)']);
  const [line] = audit();
  assert.equal(
    [line?.proposal, line?.status, line?.who, line?.why, line?.ask],
    [proposal.id, 'rejected', 'ann (uid 1000)', 'fine', 'docs.example.org: any path'],
  );
});

test('of many operators who reject in the same moment one wins, and the log says no more than that', async () => {
  const proposal = state.propose('egress-block', { host: 'docs.example.org' });
  const all = Array.from({ length: 5 }, (_, index) => reject(state.bottle, proposal, { who: `op ${index}`, note: '' }));
  const results = await Promise.allSettled(all);
  const lost = results.flatMap((result) => (result.status === 'rejected' ? [codeOf(result.reason)] : []));
  assert.equal(lost, Array(4).fill('supervise/answered'));
  assert.is(audit().length, 1);
  assert.is(audit()[0]?.who, state.response(proposal.id)['by']);
});

test('without a record nothing is answered', async () => {
  const proposal = state.propose('egress-block', { host: 'docs.example.org' });
  mkdirSync(state.path('audit/audit.jsonl'), { recursive: true });
  assert.is(await failure(() => reject(state.bottle, proposal, ANN)), 'supervise/audit-not-written');
  assert.throws(() => state.response(proposal.id), /ENOENT/);
});

test('approved packages wait for the next deploy, beside those of before', async () => {
  const first = capability({ packages: { apt: ['jq=1.6'] } });
  await approveCapability(state.bottle, first, decideCapability(first, undefined, true), ANN);
  const second = capability({ packages: { apt: ['jq', 'ripgrep'], pip: ['six'] } });
  const done = await approveCapability(state.bottle, second, decideCapability(second, undefined, true), ANN);
  assert.equal(done.capabilities.packages, { apt: ['jq', 'ripgrep'], pip: ['six'] });
  assert.equal(readCapabilities(state.path()), done.capabilities);
  assert.is(state.response(second.id)['status'], 'approved');
  assert.match(String(state.response(second.id)['notes']), /^fine\n.*next deploy/);
  assert.equal(audit()[1]?.capabilities?.before, { version: 1, packages: { apt: ['jq=1.6'] } });
});

test('packages whose answer cannot be given are not approved', async () => {
  const proposal = capability({ packages: { apt: ['jq'] } });
  writeFileSync(state.path(`queue/${proposal.id}.response.json`), '{');
  const decision = decideCapability(proposal, undefined, true);
  assert.is(
    await failure(() => approveCapability(state.bottle, proposal, decision, ANN)),
    'supervise/answer-in-the-way',
  );
  assert.equal(readCapabilities(state.path()), { version: 1, packages: {} });
  const [given, taken] = audit();
  assert.equal([given?.reason, /nobody can read/.test(taken?.reason ?? '')], [undefined, true]);
});

test('a proposed Dockerfile is built only from a file that the operator names', async () => {
  const text = 'FROM claude-bottle-agent:latest\nRUN true\n';
  const proposal = capability({ dockerfile: text });
  const tryTo = (dockerfile: string | undefined, exactly = true) =>
    failure(() => decideCapability(proposal, dockerfile, exactly));
  assert.is(await tryTo(undefined), 'supervise/dockerfile-not-named');
  assert.is(await tryTo('FROM claude-bottle-agent:latest\nRUN false\n'), 'supervise/not-as-asked');
  assert.is(await tryTo('FROM claude-bottle-agent:latest\nADD x /\n', false), 'supervise/dockerfile-refused');
  assert.is(decideCapability(proposal, `${text}\n`, true).status, 'approved');
  const decision = decideCapability(proposal, 'FROM claude-bottle-agent:latest\nRUN false\n', false);
  assert.is(decision.status, 'modified');
  await approveCapability(state.bottle, proposal, decision, ANN);
  assert.match(readCapabilities(state.path()).dockerfile ?? '', /RUN false/);
});

test('a proposal that goes nowhere any more is not decided', async () => {
  const proposal = capability({ packages: { apt: ['jq'] } });
  rmSync(state.path(`queue/${proposal.id}.proposal.json`));
  const decision = decideCapability(proposal, undefined, true);
  assert.is(
    await failure(() => approveCapability(state.bottle, proposal, decision, ANN)),
    'supervise/no-such-proposal',
  );
  assert.equal(readCapabilities(state.path()), { version: 1, packages: {} });
});

test('a view has what an approval opens, and what stays shut', () => {
  const auth = { scheme: 'Bearer', tokenFrom: 'GH_TOKEN' };
  const view = proposalView(state.bottle, state.propose('egress-block', { host: 'api.githud.com', auth }));
  assert.is(view.host, 'api.githud.com');
  assert.is(view.credential, 'GH_TOKEN');
  assert.match(view.warnings.join('\n'), /differs from api\.github\.com by one letter/);
  assert.equal(view.preview?.opens, ['api.githud.com: any method on any path, with the credential GH_TOKEN']);
  assert.match(view.preview?.diff ?? '', /^\+ {2}- host: api\.githud\.com$/m);
  assert.match(view.staysClosed.join('\n'), /on any port but 443/);
  assert.is(view.obstacle, undefined);
});

test('a view says why there is nothing to approve', () => {
  const scanned = state.propose('pipelock-block', { failed_url: 'https://api.github.com/x' });
  assert.match(proposalView(state.bottle, scanned).obstacle ?? '', /scan of its content refused it/);
  state.write('pipelock/pipelock.yaml', '{');
  const closed = state.propose('egress-block', { host: 'docs.example.org' });
  assert.match(proposalView(state.bottle, closed).obstacle ?? '', /pipelock\.yaml/);
  const dockerfile = proposalView(state.bottle, capability({ dockerfile: 'FROM x' }));
  assert.equal([dockerfile.dockerfile, /never built by itself/.test(dockerfile.obstacle ?? '')], ['FROM x', true]);
});

test.run();
