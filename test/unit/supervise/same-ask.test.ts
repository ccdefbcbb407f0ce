import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { responseFile, type Verdict } from '../../../images/sidecars/supervise/proposal.ts';
import { askOf } from '../../../images/sidecars/supervise/same-ask.ts';
import { suite } from '../../support/suite.ts';
import { type BottleOptions, callTool, egressCall, eventually, TestBottle } from './bottle.ts';

const test = suite('supervise › the same call again');

const bottles: TestBottle[] = [];
test.afterEach(async () => {
  for (const bottle of bottles.splice(0)) await bottle.remove();
});

async function start(options: BottleOptions = {}): Promise<TestBottle> {
  const bottle = await TestBottle.start(options);
  bottles.push(bottle);
  return bottle;
}

const HOST = 'docs.example.org';
const proposals = (bottle: TestBottle): number =>
  readdirSync(bottle.queue).filter((name) => name.endsWith('.proposal.json')).length;

/** Lets the policy of the bottle name `hosts`, as an apply does. */
function open(bottle: TestBottle, ...hosts: readonly string[]): void {
  const entries = hosts.map((host) => `  - { host: ${host}, ports: [443] }\n`);
  writeFileSync(join(bottle.directory, 'routes.yaml'), `version: 1\nlisten: x:1\nroutes:\n${entries.join('')}`);
}

/** Calls with a client that goes away as soon as the proposal is there; its id. */
async function askAndLeave(bottle: TestBottle, justification = 'x'): Promise<string> {
  const client = await bottle.client();
  const call = callTool(client, egressCall(HOST, justification)).catch((reason: unknown) => reason);
  const [id = ''] = await bottle.waiting(1);
  await client.close();
  assert.instance(await call, Error);
  return id;
}

/** Calls, gets `status`, and returns the id of the proposal. */
async function askAndHear(bottle: TestBottle, status: Exclude<Verdict, 'expired'>): Promise<string> {
  const call = callTool(await bottle.client(), egressCall(HOST));
  const [id = ''] = await bottle.waiting(1);
  bottle.respond({ id, status, notes: 'said' });
  assert.is((await call).structuredContent?.['status'], status);
  return id;
}

test('a client that lost its connection and asks again joins its own proposal, in other words too', async () => {
  const bottle = await start();
  const id = await askAndLeave(bottle);
  const again = callTool(await bottle.client(), egressCall(HOST, 'as I said, for the manual'));
  await eventually(() => (bottle.events.some(({ event }) => event === 'joined') ? true : undefined));
  bottle.respond({ id, status: 'approved' });
  assert.is((await again).structuredContent?.['id'], id);
  assert.is(proposals(bottle), 1);
});

test('calls for the same at the same time make one proposal, and all hear its verdict', async () => {
  const bottle = await start();
  const client = await bottle.client();
  const calls = [1, 2, 3, 4].map(async () => callTool(client, egressCall(HOST)));
  const [id = ''] = await bottle.waiting(1);
  bottle.respond({ id, status: 'rejected' });
  for (const call of calls) assert.is((await call).structuredContent?.['id'], id);
  assert.is(proposals(bottle), 1);
});

test('a client that comes back after the verdict gets it, also from a daemon that was started anew', async () => {
  const before = await start();
  const id = await askAndLeave(before);
  open(before, HOST);
  before.respond({ id, status: 'modified', notes: 'only /guide/' });
  await before.logged('verdict');
  before.stop();
  const after = await start({ directory: before.directory });
  const result = await callTool(await after.client(), egressCall(HOST));
  assert.equal(result.structuredContent, { id, status: 'modified', notes: 'only /guide/' });
  assert.is(proposals(after), 1);
});

test('a daemon that was started anew lets a client join what an earlier one left open', async () => {
  const before = await start();
  const id = await askAndLeave(before);
  before.stop();
  const after = await start({ directory: before.directory });
  const call = callTool(await after.client(), egressCall(HOST));
  await after.logged('joined');
  after.respond({ id, status: 'approved' });
  assert.is((await call).structuredContent?.['id'], id);
});

test('a rejection answers the same words again, and another reason is a new question', async () => {
  const bottle = await start();
  const id = await askAndHear(bottle, 'rejected');
  const client = await bottle.client();
  assert.is((await callTool(client, egressCall(HOST))).structuredContent?.['id'], id);
  const call = callTool(client, egressCall(HOST, 'the build needs its headers'));
  const [second = ''] = await bottle.waiting(1);
  assert.is.not(second, id);
  bottle.respond({ id: second, status: 'rejected' });
  assert.is((await call).structuredContent?.['id'], second);
});

test('what was permitted and taken back meanwhile is asked anew', async () => {
  const bottle = await start();
  open(bottle, 'a.test', HOST);
  const id = await askAndHear(bottle, 'approved');
  const client = await bottle.client();
  assert.is((await callTool(client, egressCall(HOST))).structuredContent?.['id'], id);
  open(bottle, 'a.test');
  const call = callTool(client, egressCall(HOST));
  const [second = ''] = await bottle.waiting(1);
  bottle.respond({ id: second, status: 'rejected' });
  assert.is((await call).structuredContent?.['id'], second);
  // The latest verdict is the one that is repeated.
  open(bottle, 'a.test', HOST);
  assert.is((await callTool(client, egressCall(HOST))).structuredContent?.['id'], second);
});

test('a verdict of more than five minutes ago answers nothing any more', async () => {
  const bottle = await start();
  open(bottle, HOST);
  const id = await askAndHear(bottle, 'approved');
  const then = new Date(Date.now() - 301_000);
  utimesSync(join(bottle.queue, responseFile(id)), then, then);
  const call = callTool(await bottle.client(), egressCall(HOST)).catch(() => undefined);
  const [second = ''] = await bottle.waiting(1);
  assert.is.not(second, id);
  bottle.respond({ id: second, status: 'rejected' });
  await call;
});

test('a proposal that expired is asked anew', async () => {
  const bottle = await start({ deadlineSeconds: 1 });
  const client = await bottle.client();
  const first = await callTool(client, egressCall(HOST));
  assert.is(first.structuredContent?.['status'], 'expired');
  const second = await callTool(client, egressCall(HOST));
  assert.is(second.structuredContent?.['status'], 'expired');
  assert.is.not(second.structuredContent?.['id'], first.structuredContent?.['id']);
});

test('what differs in anything but the reason is another ask', () => {
  const ask = (args: Record<string, unknown>, tool = 'egress-block'): string =>
    askOf({ tool, arguments: { justification: 'x', ...args } } as unknown as Parameters<typeof askOf>[0]);
  const asks = [
    ask({ host: 'a.test' }),
    ask({ host: 'b.test' }),
    ask({ host: 'a.test', pathPrefixes: ['/a'] }),
    ask({ host: 'a.test', pathPrefixes: ['/a', '/b'] }),
    ask({ host: 'a.test', pathPrefixes: ['/b', '/a'] }),
    ask({ host: 'a.test', auth: { scheme: 'Bearer', tokenFrom: 'GH_TOKEN' } }),
    ask({ host: 'a.test', auth: { scheme: 'token', tokenFrom: 'GH_TOKEN' } }),
    ask({ failed_url: 'https://a.test/' }, 'pipelock-block'),
  ];
  assert.is(new Set(asks).size, asks.length);
  assert.is(
    ask({ host: 'a.test', auth: { scheme: 'Bearer', tokenFrom: 'A' } }),
    ask({ auth: { tokenFrom: 'A', scheme: 'Bearer' }, host: 'a.test', justification: 'y' }),
  );
});

test.run();
