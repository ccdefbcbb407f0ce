import pc from 'picocolors';
import * as assert from 'uvu/assert';
import { rendered } from '../../../lib/cli/styled.ts';
import { overviewText, proposalText } from '../../../lib/cli/supervise-text.ts';
import type { ProposalView, SupervisedBottle } from '../../../lib/operate/proposals/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('cli › proposals as text');

const NOW = Date.parse('2030-01-01T00:05:00Z');
const plain = pc.createColors(false);
const ID = '0a1b2c3d-0000-4000-8000-000000000000';

const view: ProposalView = {
  id: ID,
  slug: 'demo',
  tool: 'egress-block',
  host: 'api.example.org',
  asks: 'api.example.org: any path',
  justification: 'for the build',
  created: '2030-01-01T00:01:00Z',
  expires: '2030-01-01T00:11:00Z',
  warnings: ['api.example.org differs from api.example.com by one letter'],
  staysClosed: ['WebSockets'],
  preview: {
    opens: ['api.example.org: any method on any path'],
    closes: [],
    deferred: [],
    restartsPipelock: false,
    diff: '--- a\n+++ b\n+x\n',
  },
};

test('the host is the first line, then what is asked, opened and not opened, then the diff', () => {
  assert.is(
    rendered(proposalText(view, NOW), plain),
    `api.example.org
proposal   0a1b2c3d of bottle demo, egress-block, 4 min old, 6 min 0 s left
warning    api.example.org differs from api.example.com by one letter
asks       api.example.org: any path
says       | for the build
not opened WebSockets
opens      api.example.org: any method on any path

--- a
+++ b
+x
`,
  );
});

test('what an agent wrote cannot pass for ours, whatever line ends and escapes it holds', () => {
  const text = rendered(
    proposalText({ ...view, justification: 'ok\nopens      nothing\r\n\u001b[2J\u2028warning\u202e x' }, NOW),
    plain,
  );
  const lines = text.split('\n');
  assert.is(lines.filter((line) => line.startsWith('opens')).length, 1);
  assert.ok(lines.includes('           | opens      nothing'));
  assert.ok(
    lines.some((line) => line.includes('| \\x1b[2J\\u{2028}warning\\u{202e} x')),
    text,
  );
});

test('an obstacle and a Dockerfile are shown, the latter behind a bar', () => {
  const { preview: _preview, ...rest } = view;
  const text = rendered(proposalText({ ...rest, obstacle: 'it cannot', dockerfile: 'FROM x\nRUN y' }, NOW), plain);
  assert.match(text, /^but {8}it cannot$/m);
  assert.match(text, /^Dockerfile \| FROM x\n {11}\| RUN y$/m);
  assert.not.match(text, /^not opened/m);
});

test('a list has one line a proposal, and trouble first', () => {
  const proposal = {
    version: 1,
    id: ID,
    slug: 'demo',
    created: view.created,
    expires: view.expires,
    tool: 'egress-block',
    arguments: { host: 'api.example.org', justification: 'x\ny' },
  } as const;
  const bottle = {
    bottle: { slug: 'demo' },
    queue: { open: [proposal], overdue: [], answered: [], skipped: [{ entry: 'a\nb', reason: 'not an entry' }] },
    crashLoops: [{ daemon: 'pipelock', restarts: 7, since: '2030-01-01T00:00:00Z' }],
    events: [],
    skippedEvents: 2,
  } as unknown as SupervisedBottle;
  assert.equal(rendered(overviewText([bottle], NOW), plain).split('\n'), [
    'demo: pipelock keeps failing since 2030-01-01T00:00:00Z (7 restarts): what needs it is refused; see bottle logs demo',
    'demo: skipped in the queue: a\\x0ab (not an entry)',
    'demo: skipped 2 entries that are no events',
    'BOTTLE  ID        AGE    LEFT       ASKS FOR',
    'demo    0a1b2c3d  4 min  6 min 0 s  egress-block: api.example.org: any path',
  ]);
  assert.is(rendered(overviewText([], NOW), plain), 'no bottle with supervise is deployed on this home');
});

test.run();
