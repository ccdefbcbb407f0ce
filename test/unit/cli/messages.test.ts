import pc from 'picocolors';
import * as assert from 'uvu/assert';
import { errorText } from '../../../lib/cli/messages.ts';
import { printable, printableJson } from '../../../lib/cli/printable.ts';
import { BottleError } from '../../../lib/errors.ts';
import { bottle, temporaryProject } from '../../support/cli.ts';
import { suite } from '../../support/suite.ts';

const test = suite('messages', { timeoutMs: 30_000 });

/** The colours of {@link errorText} where the terminal has any. */
const stripOurColours = (text: string): string =>
  text.replace(pc.red('internal error'), '').replace(pc.red('error'), '').replace(pc.bold('fix'), '');

const ESCAPES = '\u001b[2J\u001b]0;title\u0007\r\u0008\u009b31m\u202e';

/** Controls but newline, and one that reorders. */
const OBEYED = /(?!\n)[\p{Cc}\u202e]/u;

const evil = new BottleError('x/y', `message ${ESCAPES}`, { details: [`detail ${ESCAPES}`], fix: `fix ${ESCAPES}` });

test('nothing that an error carries can move the cursor, set a title or colour the terminal', () => {
  for (const error of [evil, new Error(ESCAPES), ESCAPES]) {
    const text = stripOurColours(errorText(error));
    assert.not.match(text, OBEYED);
    assert.match(text, '\\x1b[2J');
  }
});

test('the CLI shows no escape sequence of a definition that fails, as text and as JSON', async () => {
  const { directory, remove } = temporaryProject(`console.error('\\u001b[2Jboom\\u009b31m'); process.exit(3);`);
  try {
    for (const args of [['synth'], ['synth', '--json']]) {
      const { exitCode, stdout, stderr } = await bottle(directory, args, { NO_COLOR: '1' });
      assert.is(exitCode, 1);
      assert.match(stderr, '\\x1b[2Jboom\\x9b31m');
      assert.not.match(stdout + stderr, OBEYED);
    }
  } finally {
    remove();
  }
});

test('what a person can read stays as it is, lines and tabs too', () => {
  assert.is(printable('über\tdie\nZeile\r\n→ 漢字 🐛'), 'über\tdie\nZeile\n→ 漢字 🐛');
  assert.is(printable('\u009b\u001b\u202e'), '\\x9b\\x1b\\u{202e}');
});

test('JSON holds the same data, without a character that a terminal obeys', () => {
  const text = printableJson({ text: `über ${ESCAPES}${ESCAPES}` });
  assert.not.match(text, OBEYED);
  assert.match(text, 'über');
  assert.equal(JSON.parse(text), { text: `über ${ESCAPES}${ESCAPES}` });
});

test.run();
