/** Progress on stderr: a live list on a terminal, one line a step elsewhere, nothing with `--quiet`. */

import { Listr, type ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput } from 'listr2';
import type { Progress } from '../deploy/progress.ts';
import type { Messages } from './messages.ts';
import { printable } from './printable.ts';

/** stdout is for results, so listr2 gets stderr for both of its streams. */
const stderrLogger = (): ListrLogger<ListrDefaultRendererLogLevels> =>
  new ListrLogger({
    useIcons: true,
    toStderr: [],
    processOutput: new ProcessOutput(process.stderr, process.stderr),
  });

async function liveStep<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> {
  const outcome: { value?: T } = {};
  const list = new Listr(
    [
      {
        title: printable(title),
        task: async (_context, task) => {
          outcome.value = await work((text) => {
            task.title = printable(text === '' ? title : `${title} · ${text}`);
          });
        },
      },
    ],
    { rendererOptions: { showErrorMessage: false, logger: stderrLogger() } },
  );
  await list.run();
  return outcome.value as T;
}

async function plainStep<T>(
  title: string,
  work: (note: (text: string) => void) => Promise<T>,
  messages: Messages,
): Promise<T> {
  const started = Date.now();
  const value = await work(() => {});
  messages.info(`${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return value;
}

export function createProgress(messages: Messages): Progress {
  const { quiet, json } = messages.options;
  // listr2 judges the terminal by stdout, whichever stream it writes to.
  const live = process.stdout.isTTY === true && process.stderr.isTTY === true && !quiet && !json;
  return {
    step: (title, work) => (live ? liveStep(title, work) : plainStep(title, work, messages)),
    say: messages.info,
    warn: messages.warn,
  };
}
