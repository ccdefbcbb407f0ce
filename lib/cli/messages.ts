/** The message host: results on stdout, everything else on stderr. The one place that prints. */

import pc from 'picocolors';
import { BottleError } from '../errors.ts';

export interface MessageOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface Messages {
  readonly options: MessageOptions;
  /** A verb's result: `data` with `--json`, else `text` (nothing if it is empty). */
  result(data: unknown, text: string): void;
  /** Progress and explanations, dropped with `--quiet`. */
  info(text: string): void;
  warn(text: string): void;
  error(reason: unknown): void;
}

/** `error` as lines for a person: user mistakes without a stack, bugs with one. */
export function errorText(error: unknown): string {
  if (!(error instanceof BottleError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${pc.red('internal error')} ${text}`;
  }
  const lines = [`${pc.red('error')} ${error.message}`, ...error.details.map((detail) => `  ${detail}`)];
  if (error.fix !== undefined) lines.push(`${pc.bold('fix')} ${error.fix}`);
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
  return {
    options,
    result: (data, text) => {
      if (options.json) process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
      else if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    info: (text) => {
      if (!options.quiet) note(text);
    },
    warn: (text) => note(`${pc.yellow('warning')} ${text}`),
    error: (reason) => {
      if (options.json) process.stdout.write(`${JSON.stringify({ error: errorData(reason) }, null, 2)}\n`);
      note(errorText(reason));
    },
  };
}
