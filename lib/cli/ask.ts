/** Asks a person for an answer that nobody else sees. */

import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ask, answerProblem } from '../deploy/index.ts';
import { BottleError } from '../errors.ts';
import { interrupted } from '../operate/index.ts';
import { printableLine } from './printable.ts';

/** What a terminal would echo goes nowhere. */
const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** More than one line that comes within this time was pasted. */
const PASTE_MS = 50;

/** All lines that were typed, or pasted at once; undefined at the end of input (Ctrl-D). */
async function typed(terminal: Interface): Promise<readonly string[] | undefined> {
  const lines: string[] = [];
  const ended = await new Promise<boolean>((resolve) => {
    terminal.on('line', (line) => {
      lines.push(line);
      resolve(false);
    });
    terminal.once('close', () => resolve(true));
  });
  if (!ended) await sleep(PASTE_MS);
  return ended ? undefined : lines;
}

/** `show` puts the question: only once the terminal echoes nothing, for whoever answers at once. */
async function answered(show: () => void, signal: AbortSignal | undefined): Promise<readonly string[] | undefined> {
  if (signal?.aborted === true) throw interrupted();
  // A terminal of its own for each answer: in raw mode, which shows nothing and sends us Ctrl-C as a key.
  const terminal = createInterface({ input: process.stdin, output: nowhere(), terminal: true, historySize: 0 });
  const close = (): void => terminal.close();
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  signal?.addEventListener('abort', close);
  try {
    const lines = typed(terminal);
    show();
    return await lines;
  } finally {
    signal?.removeEventListener('abort', close);
    close();
    process.stderr.write('\n');
  }
}

/** Asks until there is an answer that an environment can hold; absent where no person is there to answer. */
export function terminalAsk(): Ask | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  return async ({ slug, owner, name, question }, signal) => {
    const say = (text: string): void => void process.stderr.write(text);
    say(`bottle ${slug} asks for ${name}, which its ${owner} will be able to read:\n`);
    for (;;) {
      const lines = await answered(() => say(`${printableLine(question)} (hidden) `), signal);
      if (signal?.aborted === true) throw interrupted();
      if (lines === undefined) {
        throw new BottleError(
          'deploy/answer-missing',
          `no answer for the ${owner} variable ${name} of bottle ${slug}`,
          {
            fix: 'run the deploy again, and answer',
          },
        );
      }
      const problem = lines.length > 1 ? 'has more than one line' : answerProblem(lines[0] ?? '');
      if (problem === undefined) return lines[0] ?? '';
      say(`the answer ${problem}; try again, or end with Ctrl-C\n`);
    }
  };
}
