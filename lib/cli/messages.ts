/**
 * The message host: results on stdout, everything else on stderr. The one place that prints, and so the one that makes
 * text from outside harmless; colours of our own are added after that.
 */

import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import type { SynthError } from '../assembly/index.ts';
import { BottleError } from '../errors.ts';
import type { Finding } from '../plan/index.ts';
import { styledFindings } from './findings.ts';
import { printable, printableJson } from './printable.ts';
import { coloursFor, rendered, type Styled } from './styled.ts';
import { holdsCommand, jsonWithoutCommands, withoutCommands } from './workflow-commands.ts';

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
  /** A line beside warnings and errors: also with `--quiet`. */
  note(text: string): void;
  /** What was found; also with `--quiet`. */
  findings(findings: readonly Finding[]): void;
  /** Commands for the build system that reads stderr, as they are. */
  commands(lines: readonly string[]): void;
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

/** What a synth error carries; the class itself would load all that synth needs. */
function foundBy(error: BottleError): Pick<SynthError, 'findings' | 'summary'> | undefined {
  return error.code === 'synth/invalid' && 'findings' in error ? (error as SynthError) : undefined;
}

/** `error` as lines for a person: user mistakes without a stack, bugs with one. */
export function errorText(error: unknown): string {
  const pc = coloursFor(process.stderr);
  if (!(error instanceof BottleError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${pc.red('internal error')} ${printable(text)}`;
  }
  const { message, details, fix } = error;
  const found = foundBy(error);
  const shown = found === undefined ? [] : [rendered(styledFindings(found.findings), pc), ''];
  const summary = found?.summary ?? message;
  const lines = [
    ...shown,
    `${pc.red('error')} ${printable(summary)}`,
    ...details.map((detail) => `  ${printable(detail)}`),
  ];
  if (fix !== undefined) lines.push(`${pc.bold('fix')} ${printable(fix)}`);
  return lines.join('\n');
}

/** `error` as data, without a stack or a cause. */
function errorData(error: unknown): object {
  if (!(error instanceof BottleError)) return { code: 'internal', message: String(error) };
  const { code, message, fix, details } = error;
  const found = foundBy(error);
  const findings = found === undefined ? {} : { findings: found.findings };
  return { code, message: found?.summary ?? message, ...(fix === undefined ? {} : { fix }), details, ...findings };
}

/**
 * A file goes out byte for byte, so one that a build system would obey does not go to where a build system may read:
 * into a file or a terminal it does. Throws.
 */
function assertNoCommand(text: string): void {
  if (!holdsCommand(text) || process.stdout.isTTY === true || fstatSync(process.stdout.fd).isFile()) return;
  throw new BottleError('synth/workflow-command', 'the document holds a line that a build system would obey', {
    fix: 'take it from the output directory, or send it into a file: bottle synth <slug> > compose.yaml',
  });
}

export function createMessages(options: MessageOptions): Messages {
  const note = (text: string): void => void process.stderr.write(`${withoutCommands(text)}\n`);
  const data = (value: unknown): void => void process.stdout.write(`${jsonWithoutCommands(printableJson(value))}\n`);
  const put = (value: unknown, text: string): void => {
    if (options.json) data(value);
    else if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  return {
    options,
    document: (value, text) => {
      if (!options.json) assertNoCommand(text);
      put(value, text);
    },
    result: (value, text) => put(value, withoutCommands(rendered(text, coloursFor(process.stdout)))),
    line: async (value, text) => {
      const shown = options.json
        ? jsonWithoutCommands(printableJson(value, 0))
        : withoutCommands(rendered(text, coloursFor(process.stdout)));
      await written(`${shown}\n`);
    },
    note: (text) => note(printable(text)),
    findings: (findings) => {
      const text = rendered(styledFindings(findings), coloursFor(process.stderr));
      if (text !== '') note(text);
    },
    commands: (lines) => {
      for (const line of lines) process.stderr.write(`${line}\n`);
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
