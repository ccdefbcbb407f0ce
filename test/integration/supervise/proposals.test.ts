/** An agent asks from inside its container, operators answer with the CLI; judged by what the agent can do then. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { docker } from '../../../examples/demo/internet/docker.ts';
import { type OpenStage, openStage } from '../../../examples/demo/stage.ts';
import { verifyAudit } from '../../../lib/operate/audit/index.ts';
import { suite } from '../../support/suite.ts';
import { type Sides, sidesOf, type ToolResult } from './stage.ts';

const test = suite('supervise › proposals and verdicts on a real bottle', { timeoutMs: 600_000 });

/** Beside those of the demo and of the containment suites. */
const SUBNET = '198.51.100.128/26';
const SLUG = 'proposals';

let stage: OpenStage;
let sides: Sides;
/** Asked first, answered by nobody; its deadline passes while the other tests run. */
let unanswered: Promise<ToolResult>;
let unansweredId = '';

test.before(async () => {
  const definition = join(import.meta.dirname, 'definition.ts');
  stage = await openStage({ definition, slug: SLUG, shape: 'bundle', subnet: SUBNET, output: 'ignore' });
  sides = sidesOf(stage);
  unanswered = sides.call('egress-block', { host: 'never.allowed.test', justification: 'nobody is there' });
  unansweredId = await sides.waiting('never.allowed.test');
});
test.after(() => stage?.close());

const stateFile = (...path: string[]): string => join(stage.home, 'state', SLUG, ...path);
const errorOf = (data: Record<string, unknown>): { code: string; message: string } =>
  (data['error'] ?? { code: 'none', message: '' }) as { code: string; message: string };
const close = async (host: string): Promise<void> => {
  const { exitCode, stderr } = await stage.bottle('allow', SLUG, host, '--remove');
  assert.is(exitCode, 0, stderr);
};
const verdicts = () => verifyAudit(stateFile()).lines.flatMap((line) => ('proposal' in line ? [line] : []));

test('Claude Code in the agent image knows supervise, reaches it, and waits longer than an operator may take', async () => {
  const { stdout } = await stage.agent('claude mcp list; claude mcp get claude-bottle-supervise; env');
  assert.match(stdout, /^claude-bottle-supervise: http:\/\/supervise:9100\/mcp \(HTTP\) - .*Connected$/m);
  assert.match(stdout, /Scope: User config/);
  assert.match(stdout, /^MCP_TOOL_TIMEOUT=180000$/m);
});

test('an approved host is open before the agent hears of it', async () => {
  assert.is(await sides.status('https://unlisted.test/before'), '403');
  const call = sides.call('egress-block', { host: 'unlisted.test', justification: 'for\nthe manual' });
  const id = await sides.waiting('unlisted.test');
  const shown = await stage.bottle('supervise', SLUG, id.slice(0, 8));
  assert.match(shown.stdout, /^unlisted\.test\n/);
  assert.match(shown.stdout, /\| for\n +\| the manual\n/);
  assert.match(shown.stdout, /^\+ {2}- host: unlisted\.test$/m);
  const { exitCode, data } = await sides.supervise(id, '--approve', '--note', 'for today');
  assert.is(exitCode, 0);
  assert.equal([data['status'], data['opens']], ['approved', ['unlisted.test: any method on any path']]);
  const heard = await call;
  assert.equal([heard.id, heard.status, heard.notes], [id, 'approved', 'for today']);
  assert.is(await sides.status('https://unlisted.test/after'), '200');
  assert.ok(await sides.arrived('unlisted', '/after'));
  assert.not.ok(await sides.arrived('unlisted', '/before'));
  const listed = await sides.call('list-egress-routes', {});
  assert.match(JSON.stringify(listed), /unlisted\.test/);
  const line = verdicts().at(-1);
  assert.equal([line?.proposal, line?.kind], [id, 'change']);
  await close('unlisted.test');
});

test('a modified approval opens what the operator says, and tells the agent what that is', async () => {
  const call = sides.call('egress-block', { host: 'unlisted.test', justification: 'all of it' });
  const id = await sides.waiting('all of it');
  const args = ['--modify', '--path-prefix', '/docs/', '--method', 'GET'];
  const dry = await sides.supervise(id, ...args, '--dry-run');
  assert.equal([dry.exitCode, dry.data['status']], [0, 'modified']);
  assert.is((await sides.supervise(id, ...args)).exitCode, 0);
  const heard = await call;
  assert.is(heard.status, 'modified');
  assert.match(heard.notes ?? '', /granted: unlisted\.test: GET below \/docs\//);
  assert.is(await sides.status('https://unlisted.test/docs/x'), '200');
  assert.is(await sides.status('https://unlisted.test/other'), '403');
  assert.is(await sides.status('https://unlisted.test/docs/x', '-X', 'POST'), '403');
  await close('unlisted.test');
});

test('a rejected host stays closed, and the rejection is in the audit log', async () => {
  const call = sides.call('egress-block', { host: 'models.allowed.test', justification: 'please' });
  const id = await sides.waiting('models.allowed.test');
  assert.is((await sides.supervise(id, '--reject', '--note', 'use the mirror')).exitCode, 0);
  const heard = await call;
  assert.equal([heard.status, heard.notes], ['rejected', 'use the mirror']);
  assert.is(await sides.status('https://models.allowed.test/x'), '403');
  const line = verdicts().at(-1);
  assert.equal(line?.kind === 'verdict' ? [line.proposal, line.status, line.why] : [], [
    id,
    'rejected',
    'use the mirror',
  ]);
  const late = await sides.supervise(id, '--approve');
  assert.equal([late.exitCode, errorOf(late.data).code], [1, 'supervise/answered']);
});

test('a client that disconnects and comes back gets the verdict that was given meanwhile', async () => {
  const ask = { host: 'models.allowed.test', justification: 'the models' };
  assert.is((await sides.call('egress-block', ask, 2_000)).left, true);
  const id = await sides.waiting('the models');
  assert.is((await sides.supervise(id, '--approve')).exitCode, 0);
  const heard = await sides.call('egress-block', ask);
  assert.equal([heard.id, heard.status], [id, 'approved']);
  assert.is(await sides.status('https://models.allowed.test/x'), '200');
  await close('models.allowed.test');
});

test('a credential goes to a new host only if the operator names it', async () => {
  const auth = { scheme: 'header', tokenFrom: 'DEMO_API_TOKEN', header: 'X-Api-Key' };
  const call = sides.call('egress-block', { host: 'unlisted.test', auth, justification: 'signed' });
  const id = await sides.waiting('signed');
  const without = await sides.supervise(id, '--approve');
  assert.equal([without.exitCode, errorOf(without.data).code], [2, 'supervise/credential-not-named']);
  assert.is((await sides.supervise(id, '--approve', '--credential', 'DEMO_API_TOKEN')).exitCode, 0);
  assert.is((await call).status, 'approved');
  assert.is(await sides.status('https://unlisted.test/signed'), '200');
  const received = (await stage.internet.received('unlisted')).find(({ url }) => url === '/signed');
  assert.is(received?.headers['x-api-key'], stage.token);
  await close('unlisted.test');
});

test('of two operators at once one wins, the other is told, and what is open is what the winner said', async () => {
  const call = sides.call('egress-block', { host: 'unlisted.test', justification: 'both of you' });
  const id = await sides.waiting('both of you');
  const [yes, no] = await Promise.all([sides.supervise(id, '--approve'), sides.supervise(id, '--reject')]);
  assert.equal([yes.exitCode, no.exitCode].sort(), [0, 1]);
  const lost = yes.exitCode === 0 ? no : yes;
  assert.is(errorOf(lost.data).code, 'supervise/answered');
  const won = yes.exitCode === 0 ? 'approved' : 'rejected';
  assert.match(errorOf(lost.data).message, new RegExp(`${won} by .+ at `));
  assert.is((await call).status, won);
  assert.is(await sides.status('https://unlisted.test/both'), won === 'approved' ? '200' : '403');
  if (won === 'approved') await close('unlisted.test');
});

test('a daemon that does not acknowledge keeps the old policy in force, and the agent is told nothing', async () => {
  const call = sides.call('egress-block', { host: 'unlisted.test', justification: 'while it hangs' });
  const id = await sides.waiting('while it hangs');
  const container = stage.sidecar('egress');
  const { daemons } = JSON.parse(await docker(['exec', container, '/usr/local/bin/bundle-health']));
  const signal = (name: string) =>
    docker(['exec', '--user', '0', container, 'sh', '-c', `kill -${name} ${daemons.egress.pid}`]);
  await signal('STOP');
  const { exitCode, data } = await sides.supervise(id, '--approve');
  await signal('CONT');
  assert.is(exitCode, 1);
  assert.match(errorOf(data).code, /^apply\//);
  assert.match(errorOf(data).message, /old policy is in (force|place)/);
  assert.is(await sides.status('https://unlisted.test/hung'), '403');
  assert.is(await sides.waiting('while it hangs'), id);
  assert.is((await sides.supervise(id, '--reject')).exitCode, 0);
  assert.is((await call).status, 'rejected');
});

test('what can never be approved is refused before it gets to the operator, and once more there', async () => {
  const refused = await sides.call('egress-block', { host: '169.254.169.254', justification: 'x' });
  assert.is(refused.isError, true);
  const call = sides.call('egress-block', { host: 'unlisted.test', justification: 'elsewhere' });
  const id = await sides.waiting('elsewhere');
  for (const host of ['169.254.169.254', 'localhost', '*.test', `claude-bottle-pipelock-${SLUG}`]) {
    const { exitCode, data } = await sides.supervise(id, '--modify', '--host', host);
    assert.equal([exitCode, errorOf(data).code], [2, 'supervise/invalid-host'], host);
  }
  assert.is((await sides.supervise(id, '--reject')).exitCode, 0);
  assert.is((await call).status, 'rejected');
});

test('a request that the scan refused is helped by nothing but taking its host out of the scan', async () => {
  const url = 'https://api.allowed.test/v1/scan';
  const secret = 'X-Note: ghp_0123456789abcdefghijklmnopqrstuvwxyzAB';
  assert.is(await sides.status(url, '-H', secret), '403');
  const call = sides.call('pipelock-block', { failed_url: url, justification: 'a false alarm' });
  const id = await sides.waiting('a false alarm');
  const plain = await sides.supervise(id, '--approve');
  assert.equal([plain.exitCode, errorOf(plain.data).code], [2, 'supervise/scan-refused']);
  const done = await sides.supervise(id, '--approve', '--tls-passthrough');
  assert.equal([done.exitCode, done.data['restartsPipelock']], [0, true], done.stderr);
  assert.is((await call).status, 'approved');
  assert.is(await sides.status(url, '-H', secret), '200');
  await close('api.allowed.test');
  assert.is((await stage.bottle('allow', SLUG, 'api.allowed.test')).exitCode, 0);
});

test('entries of the queue that are none are shown, and stop nothing', async () => {
  writeFileSync(stateFile('queue', 'note.txt'), 'x');
  writeFileSync(stateFile('queue', '00000000-0000-4000-8000-000000000000.proposal.json'), '{');
  const { exitCode, data, stderr } = await sides.supervise();
  assert.is(exitCode, 0, stderr);
  const [bottle] = data['bottles'] as { skipped: { entry: string; reason: string }[] }[];
  assert.equal(bottle?.skipped.map(({ reason }) => reason).sort(), ['not JSON', 'not an entry of the queue']);
});

test('a proposal that nobody answers expires, which is a denial, and is not answered any more', async () => {
  const heard = await unanswered;
  assert.equal([heard.id, heard.status], [unansweredId, 'expired']);
  const late = await sides.supervise(unansweredId, '--approve');
  assert.equal([late.exitCode, errorOf(late.data).code], [1, 'supervise/expired']);
});

test('an approved package is in the agent after the next deploy, also after another one, and gone with --reset', async () => {
  assert.is.not((await stage.agent('hello')).exitCode, 0);
  const ask = { packages: { apt: ['hello'] }, justification: 'to greet' };
  const call = sides.call('capability-block', ask);
  const id = await sides.waiting('to greet');
  assert.is((await sides.supervise(id, '--approve')).exitCode, 0);
  const heard = await call;
  assert.is(heard.status, 'approved');
  assert.match(heard.notes ?? '', /next deploy/);
  const dockerfile =
    'FROM claude-bottle-agent:latest\nUSER root\nRUN test ! -e /run/secrets/extra_ca \\\n && echo built >/etc/built\n';
  const asked = sides.call('capability-block', { dockerfile, justification: 'a file' });
  const second = await sides.waiting('a file');
  const file = join(stage.project, 'Approved');
  assert.is((await sides.supervise(second, '--save-dockerfile', file)).exitCode, 0);
  assert.is((await sides.supervise(second, '--approve', '--dockerfile', file)).exitCode, 0);
  assert.is((await asked).status, 'approved');
  assert.is.not((await stage.agent('hello')).exitCode, 0);
  await stage.deploy();
  assert.match((await stage.agent('hello; id -un; cat /etc/built')).stdout, /Hello, world!\nagent\nbuilt/);
  assert.match(
    readFileSync(stateFile('compose.override.yaml'), 'utf8'),
    /image: claude-bottle-capability:[0-9a-f]{12}/,
  );
  const agent = () => docker(['inspect', '--format', '{{.Id}}', `claude-bottle-${SLUG}`]);
  const before = await agent();
  await stage.deploy();
  assert.is(await agent(), before);
  assert.is((await stage.bottle('deploy', SLUG, '--reset')).exitCode, 0);
  assert.is.not((await stage.agent('hello')).exitCode, 0);
});

test('in the split shape the same holds', async () => {
  await stage.deploy('split');
  const call = sides.call('egress-block', { host: 'unlisted.test', justification: 'in parts' });
  const id = await sides.waiting('in parts');
  assert.is(await sides.status('https://unlisted.test/split'), '403');
  assert.is((await sides.supervise(id, '--approve')).exitCode, 0);
  assert.is((await call).status, 'approved');
  assert.is(await sides.status('https://unlisted.test/split'), '200');
  assert.match(JSON.stringify(await sides.call('list-egress-routes', {})), /unlisted\.test/);
});

test('without egress a host is opened whole, and a scanned one can be taken out of the scan', async () => {
  assert.is((await stage.bottle('deploy', SLUG, '--reset', '-c', 'egress=off')).exitCode, 0);
  const url = 'https://unlisted.test/alone';
  assert.is.not(await sides.status(url), '200');
  const call = sides.call('pipelock-block', { failed_url: url, justification: 'alone' });
  assert.is((await sides.supervise(await sides.waiting('alone'), '--approve')).exitCode, 0);
  assert.is((await call).status, 'approved');
  assert.is(await sides.status(url), '200');
  const secret = 'X-Note: ghp_0123456789abcdefghijklmnopqrstuvwxyzAB';
  assert.is(await sides.status(url, '-H', secret), '403');
  const again = sides.call('pipelock-block', { failed_url: `${url}?again`, justification: 'alone again' });
  const done = await sides.supervise(await sides.waiting('alone again'), '--approve', '--tls-passthrough');
  assert.is(done.exitCode, 0, done.stderr);
  assert.is((await again).status, 'approved');
  // The agent now sees the site's own certificate.
  assert.is(await sides.status(url, '-H', secret), '200');
});

test.run();
