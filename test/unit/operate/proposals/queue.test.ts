import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Proposal } from '../../../../images/sidecars/supervise/proposal.ts';
import { BottleError } from '../../../../lib/errors.ts';
import { assertOpen, findProposal, publishAnswer, readQueue } from '../../../../lib/operate/proposals/index.ts';
import { growing } from '../../../support/growing-file.ts';
import { suite } from '../../../support/suite.ts';

const test = suite('proposals › the queue as an operator reads it');

let state = '';
test.beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'proposals-'));
  mkdirSync(join(state, 'queue'));
  chmodSync(join(state, 'queue'), 0o2770);
});
test.afterEach(() => rmSync(state, { recursive: true, force: true }));

const path = (name: string): string => join(state, 'queue', name);

function proposal(
  more: Partial<{ id: string; slug: string; created: string; expires: string; host: string }> = {},
): Proposal {
  const { id = randomUUID(), slug = 'demo', host = 'docs.example.org' } = more;
  const { created = new Date().toISOString(), expires = new Date(Date.now() + 60_000).toISOString() } = more;
  return { version: 1, id, slug, created, expires, tool: 'egress-block', arguments: { host, justification: 'x' } };
}

const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

function put(one: Proposal): Proposal {
  writeFileSync(path(`${one.id}.proposal.json`), JSON.stringify(one));
  return one;
}

async function failure(action: () => unknown): Promise<BottleError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const answer = { status: 'rejected', notes: 'no', by: 'ann@host' } as const;

test('open, overdue and answered proposals are told apart, the oldest first', async () => {
  const late = put(proposal({ expires: '2020-01-01T00:00:00Z' }));
  const second = put(proposal({ created: ago(1_000) }));
  const first = put(proposal({ created: ago(2_000) }));
  const done = put(proposal());
  await publishAnswer(state, done, answer);
  const { open, overdue, answered, skipped } = await readQueue(state, 'demo');
  assert.equal(open, [first, second]);
  assert.equal(overdue, [late]);
  assert.equal(
    answered.map(({ proposal: one, response }) => [one.id, response.status, response.by]),
    [[done.id, 'rejected', 'ann@host']],
  );
  assert.equal(skipped, []);
});

test('whatever else lies in the queue is skipped with its reason, and keeps nothing from being read', async () => {
  const good = put(proposal());
  const ids = Array.from({ length: 7 }, () => randomUUID());
  const [foreign, link, fifo, large, half, liar, orphan] = ids as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  put(proposal({ id: foreign, slug: 'other' }));
  writeFileSync(join(state, 'secret'), JSON.stringify(proposal({ id: link })));
  symlinkSync(join(state, 'secret'), path(`${link}.proposal.json`));
  execFileSync('mkfifo', [path(`${fifo}.proposal.json`)]);
  writeFileSync(path(`${large}.proposal.json`), JSON.stringify(proposal({ id: large })) + ' '.repeat(200_000));
  writeFileSync(path(`${half}.proposal.json`), '{"version":1,');
  writeFileSync(path(`${liar}.proposal.json`), JSON.stringify(proposal()));
  writeFileSync(path(`${orphan}.response.json`), JSON.stringify({ version: 1, id: orphan, status: 'approved' }));
  writeFileSync(path('README'), 'x');
  writeFileSync(path('.half.tmp'), 'x');
  const { open, skipped } = await readQueue(state, 'demo');
  assert.equal(open, [good]);
  const reasons = new Map(skipped.map(({ entry, reason }) => [entry, reason]));
  assert.equal(
    [
      `${foreign}.proposal.json`,
      `${link}.proposal.json`,
      `${fifo}.proposal.json`,
      `${large}.proposal.json`,
      `${half}.proposal.json`,
      `${liar}.proposal.json`,
      `${orphan}.response.json`,
      'README',
    ].map((entry) => reasons.get(entry)),
    [
      'of another bottle',
      'ELOOP',
      'not a regular file',
      'too large',
      'not JSON',
      'its id is not that of its name',
      'an answer to no proposal',
      'not an entry of the queue',
    ],
  );
  assert.is(reasons.size, 8);
});

const DAY_MS = 86_400_000;
const YEAR_LATER = new Date(Date.now() + 365 * DAY_MS).toISOString();

test('a proposal cannot give itself more time than any deadline does', async () => {
  const created = ago(60_000);
  put(proposal({ created, expires: YEAR_LATER }));
  const [shown] = (await readQueue(state, 'demo')).open;
  assert.is(Date.parse(shown?.expires ?? ''), Date.parse(created) + DAY_MS);
  if (shown !== undefined) await assertOpen(state, shown);
  const old = put(proposal({ created: ago(DAY_MS + 60_000), expires: YEAR_LATER }));
  const { open, overdue } = await readQueue(state, 'demo');
  assert.equal([open.map(({ id }) => id), overdue.map(({ id }) => id)], [[shown?.id], [old.id]]);
  assert.is((await failure(() => assertOpen(state, overdue[0] ?? old))).code, 'supervise/expired');
});

test('a proposal of a time to come is none', async () => {
  const late = put(proposal({ created: YEAR_LATER, expires: YEAR_LATER }));
  const { open, overdue, skipped } = await readQueue(state, 'demo');
  assert.equal([open, overdue], [[], []]);
  assert.equal(skipped, [{ entry: `${late.id}.proposal.json`, reason: 'made in the future' }]);
  assert.is((await failure(() => assertOpen(state, late))).code, 'supervise/no-such-proposal');
});

test('an entry that grows while it is read is too large, whatever its size was', async () => {
  const one = put(proposal());
  const restore = await growing(path(`${one.id}.proposal.json`));
  try {
    const { open, skipped } = await readQueue(state, 'demo');
    assert.equal(open, []);
    assert.equal(skipped, [{ entry: `${one.id}.proposal.json`, reason: 'too large' }]);
  } finally {
    restore();
  }
});

test('a bottle without a queue has no proposals', async () => {
  assert.equal(await readQueue(join(state, 'none'), 'demo'), { open: [], overdue: [], answered: [], skipped: [] });
});

test('an answer appears whole, readable by the daemon whatever the umask, and the first one stands', async () => {
  const one = put(proposal());
  const umask = process.umask(0o077);
  try {
    await publishAnswer(state, one, answer);
  } finally {
    process.umask(umask);
  }
  assert.is(statSync(path(`${one.id}.response.json`)).mode & 0o777, 0o640);
  const before = readFileSync(path(`${one.id}.response.json`), 'utf8');
  const error = await failure(() => publishAnswer(state, one, { status: 'approved', notes: '', by: 'bob@host' }));
  assert.is(error.code, 'supervise/answered');
  assert.match(error.message, /rejected by ann@host at /);
  assert.is(readFileSync(path(`${one.id}.response.json`), 'utf8'), before);
  assert.equal(
    readdirSync(join(state, 'queue')).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('of two operators who answer in the same moment one wins, and the other learns who', async () => {
  for (let round = 0; round < 20; round += 1) {
    const one = put(proposal());
    const results = await Promise.allSettled([
      publishAnswer(state, one, { status: 'approved', notes: '', by: 'ann@host' }),
      publishAnswer(state, one, { status: 'rejected', notes: '', by: 'bob@host' }),
    ]);
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    assert.is(lost.length, 1);
    const { answered } = await readQueue(state, 'demo');
    const winner = answered.find(({ proposal: { id } }) => id === one.id)?.response;
    assert.ok(lost[0]?.includes(`${winner?.status} by ${winner?.by}`), lost[0] ?? '');
  }
});

test('an answer that the deadline gave first is told as that', async () => {
  const one = put(proposal());
  writeFileSync(path(`${one.id}.response.json`), JSON.stringify({ version: 1, id: one.id, status: 'expired' }));
  for (const error of [
    await failure(() => publishAnswer(state, one, answer)),
    await failure(() => assertOpen(state, one)),
  ]) {
    assert.is(error.code, 'supervise/expired');
    assert.match(error.message, /expired, before an operator answered/);
  }
});

test('an answer that nobody can read is named, and never taken for one', async () => {
  const one = put(proposal());
  writeFileSync(path(`${one.id}.response.json`), '{');
  const { open, answered, skipped } = await readQueue(state, 'demo');
  assert.equal([open, answered], [[], []]);
  assert.equal(skipped, [{ entry: `${one.id}.response.json`, reason: 'not JSON' }]);
  assert.is((await failure(() => publishAnswer(state, one, answer))).code, 'supervise/answer-in-the-way');
});

test('a queue that cannot be written to is an error, and leaves nothing behind', async () => {
  const one = put(proposal());
  rmSync(join(state, 'queue'), { recursive: true });
  assert.is((await failure(() => publishAnswer(state, one, answer))).code, 'supervise/answer-not-written');
});

test('a proposal that was rewritten after it was shown is not decided', async () => {
  const one = put(proposal());
  await assertOpen(state, one);
  put({ ...one, arguments: { host: 'evil.example.org', justification: 'x' } } as Proposal);
  assert.is((await failure(() => assertOpen(state, one))).code, 'supervise/changed');
  rmSync(path(`${one.id}.proposal.json`));
  assert.is((await failure(() => assertOpen(state, one))).code, 'supervise/no-such-proposal');
  const late = put(proposal({ expires: '2020-01-01T00:00:00Z' }));
  assert.is((await failure(() => assertOpen(state, late))).code, 'supervise/expired');
});

test('an id may be given by its beginning, or left out where one waits', async () => {
  const codeOf = async (id: string | undefined): Promise<string> => {
    const queue = await readQueue(state, 'demo');
    return (await failure(() => findProposal(queue, 'demo', id))).code;
  };
  assert.is(await codeOf(undefined), 'supervise/nothing-waits');
  const one = put(proposal({ id: 'aaaa0000-0000-4000-8000-000000000001' }));
  const found = async (id?: string) => findProposal(await readQueue(state, 'demo'), 'demo', id);
  assert.equal(await found(), one);
  assert.equal(await found('AAAA'), one);
  put(proposal({ id: 'aaaa1111-0000-4000-8000-000000000002' }));
  assert.equal(await found('aaaa0'), one);
  assert.is(await codeOf(undefined), 'supervise/which');
  assert.is(await codeOf('aaaa'), 'supervise/which');
  assert.is(await codeOf('bbbb'), 'supervise/no-such-proposal');
  await publishAnswer(state, one, answer);
  assert.is(await codeOf('aaaa0'), 'supervise/answered');
  put(proposal({ id: 'cccc0000-0000-4000-8000-000000000003', expires: '2020-01-01T00:00:00Z' }));
  assert.is(await codeOf('cccc'), 'supervise/expired');
});

test.run();
