import pc from 'picocolors';
import * as assert from 'uvu/assert';
import { ago } from '../../../lib/cli/ago.ts';
import { columns } from '../../../lib/cli/columns.ts';
import { printable, printableJson, printableLine } from '../../../lib/cli/printable.ts';
import { statusText } from '../../../lib/cli/status-text.ts';
import { piece, rendered } from '../../../lib/cli/styled.ts';
import type { BottleStatus } from '../../../lib/operate/status/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('what the operator is shown');

const colours = pc.createColors(true);
const plain = pc.createColors(false);

test('text from outside stays one line, and no part of it is obeyed', () => {
  assert.is(printableLine('a\r\nb\u001b[2Jc\td\u202e\u2028e'), 'a\\x0d\\x0ab\\x1b[2Jc\td\\u{202e}\\u{2028}e');
});

test('what has no width is shown, too', () => {
  for (const code of [0xad, 0x34f, 0x200b, 0x200d, 0x2060, 0x3164, 0xfe0f, 0xfeff, 0xe0001, 0xe0041, 0xe007f]) {
    const shown = code < 0x100 ? '\\xad' : `\\u{${code.toString(16).padStart(4, '0')}}`;
    const text = `git${String.fromCodePoint(code)}hub`;
    assert.equal([printableLine(text), printable(text)], [`git${shown}hub`, `git${shown}hub`]);
    assert.not.match(printableJson([text]), /[^ -~\n]/);
    assert.equal(JSON.parse(printableJson([text])), [text]);
  }
  assert.is(printable('⚠\ufe0f é ü 漢 ✔\n\tx'), '⚠\ufe0f é ü 漢 ✔\n\tx');
});

test('colours are ours: what is coloured is made harmless first', () => {
  const text = rendered(['a ', piece('red', 'b\u001b[32m')], colours);
  assert.is(text, `a ${colours.red('b\\x1b[32m')}`);
  assert.is(rendered(['a ', piece('red', 'b')], plain), 'a b');
});

test('columns are as wide as they have to be; one without content is left out', () => {
  const text = rendered(
    columns(
      ['NAME', 'EMPTY', 'STATE', ''],
      [
        ['a', '', 'up', ''],
        ['longer', '', 'down', 'x\ny'],
      ],
    ),
    plain,
  );
  assert.is(text, 'NAME    STATE\na       up\nlonger  down   x\\x0ay');
});

test('how long ago is told in one unit', () => {
  const now = Date.parse('2026-01-31T12:00:00Z');
  const before = (seconds: number): string => ago(new Date(now - seconds * 1_000).toISOString(), now);
  assert.equal([0, 59, 119, 120, 7_199, 7_200, 200_000].map(before), [
    '0 s',
    '59 s',
    '119 s',
    '2 min',
    '119 min',
    '2 h',
    '2 d',
  ]);
  assert.equal([ago(null, now), ago('nonsense', now), before(-50)], ['', '', '0 s']);
});

const STATUS: BottleStatus = {
  slug: 'demo',
  app: 'app',
  state: 'unhealthy',
  healthy: false,
  problems: ['egress is down: \u001b[31mno'],
  shape: 'bundle',
  since: null,
  scanner: { engine: 'builtin', version: '2.3.0+builtin' },
  daemons: [
    {
      daemon: 'egress',
      up: false,
      detail: 'said \u001b]0;x\u0007\nmore',
      restarts: 2,
      crashLoop: false,
      refusals: 1,
      policy: { standing: 'pending', running: 'a'.repeat(64), file: 'b'.repeat(64) },
    },
  ],
  containers: [
    {
      service: 'agent',
      name: 'claude-bottle-demo',
      status: 'running',
      startedAt: null,
      restarts: 0,
      image: 'i:1',
      imageIsDeployed: true,
    },
  ],
  workspace: { name: 'app', state: 'failed', detail: 'git said no', unprotected: null },
  network: { egress: ['out'], sealed: false },
  events: [
    {
      version: 1,
      time: '2026-01-31T12:00:00Z',
      daemon: 'egress',
      event: 'crash',
      signal: 'SIGKILL',
      restarts: 1,
      delayMs: 500,
      detail: 'a\u001b[2J\nforged',
    },
  ],
  skippedEvents: 2,
  grants: { live: 1, nextExpiry: '2026-02-01T00:00:00Z' },
  proposals: { open: 1, skipped: 0 },
  supervised: true,
};

test('the status of a bottle tells everything, and nothing of what others wrote is obeyed or begins a line', () => {
  const text = rendered(statusText(STATUS), plain);
  const { slug } = STATUS;
  for (const part of [
    `${slug} unhealthy, bundle`,
    '! egress is down: \\x1b[31mno',
    'not the file',
    'started again 2 times; refused 1 reload; said \\x1b]0;x\\x07\\x0amore',
    'agent      running, workspace app failed, git said no',
    'the built-in scanner 2.3.0+builtin',
    'out; broadcasts reach the host',
    '1 open proposal (bottle supervise demo); 1 live grant, the next ends 2026-02-01T00:00:00Z',
    'egress crash, SIGKILL, again in 0.5 s: a\\x1b[2J\\x0aforged',
    '2 entries that are no event',
  ]) {
    assert.match(text, part);
  }
  assert.not.match(text, /^forged/m);
  assert.not.match(text, '\u001b');
  assert.match(rendered(statusText(STATUS), colours), colours.red('unhealthy'));
});

test.run();
