/**
 * The message host: results on stdout, everything else on stderr. The one place that prints, and so the one that makes
 * text from outside harmless; colours of our own are added after that.
 */

import { once } from 'node:events';
import { BottleError } from '../errors.ts';
import { printable, printableJson } from './printable.ts';
import { coloursFor, rendered, type Styled } from './styled.ts';

export interface MessageOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface Messages {
  readonly options: MessageOptions;
  /** A verb's result: `data` with `--json`, else `text` (nothing if it is empty). */
  result(data: unknown, text: Styled): void;
  /** A line of a result that comes in lines, each an object of its own with `--json`; resolves when more may follow. */
  line(data: unknown, text: Styled): Promise<void>;
  /** As {@link result}, but `text` is a file's and goes out byte for byte. */
  document(data: unknown, text: string): void;
  /** Progress and explanations, dropped with `--quiet`. */
  info(text: string): void;
  warn(text: string): void;
  /** What a program of the user printed, also with `--quiet`. */
  relay(text: string): void;
  error(reason: unknown): void;
}

/** Thrown when nobody reads the results any more, as behind `| head`: the end of the work, and no failure. */
export class OutputClosed extends Error {}

async function written(text: string): Promise<void> {
  const { stdout } = process;
  if (!stdout.writable) throw new OutputClosed();
  if (stdout.write(text)) return;
  await once(stdout, 'drain').catch((cause: unknown) => {
    throw new OutputClosed('standard output is closed', { cause });
  });
}

/** `error` as lines for a person: user mistakes without a stack, bugs with one. */
export function errorText(error: unknown): string {
  const pc = coloursFor(process.stderr);
  if (!(error instanceof BottleError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${pc.red('internal error')} ${printable(text)}`;
  }
  const { message, details, fix } = error;
  const lines = [`${pc.red('error')} ${printable(message)}`, ...details.map((detail) => `  ${printable(detail)}`)];
  if (fix !== undefined) lines.push(`${pc.bold('fix')} ${printable(fix)}`);
  return lines.join('\n');
}

/** `error` as data, without a stack or a cause. */
function errorData(error: unknown): object {
  if (!(error instanceof BottleError)) return { code: 'internal', message: String(error) };
  const { code, message, fix, details } = error;
  const findings = 'findings' in error ? { findings: error.findings } : {};
  return { code, message, ...(fix === undefined ? {} : { fix }), details, ...findings };
}

export function createMessages(options: MessageOptions): Messages {
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  const data = (value: unknown): void => void process.stdout.write(`${printableJson(value)}\n`);
  const document: Messages['document'] = (value, text) => {
    if (options.json) data(value);
    else if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  return {
    options,
    document,
    result: (value, text) => document(value, rendered(text, coloursFor(process.stdout))),
    line: async (value, text) => {
      const shown = options.json ? printableJson(value, 0) : rendered(text, coloursFor(process.stdout));
      await written(`${shown}\n`);
    },
    info: (text) => {
      if (!options.quiet) note(printable(text));
    },
    relay: (text) => {
      if (text.trim() !== '') note(printable(text.trimEnd()));
    },
    warn: (text) => note(`${coloursFor(process.stderr).yellow('warning')} ${printable(text)}`),
    error: (reason) => {
      if (options.json) data({ error: errorData(reason) });
      note(errorText(reason));
    },
  };
}
