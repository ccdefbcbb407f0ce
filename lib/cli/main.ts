/** The command line: maps arguments to verbs. Each verb's command registers itself; its module is loaded when called. */

import { Command, CommanderError } from 'commander';
import { BottleError } from '../errors.ts';
import { registerAllow } from './commands/allow.ts';
import { registerDeploy } from './commands/deploy.ts';
import { registerDestroy } from './commands/destroy.ts';
import { registerDiff } from './commands/diff.ts';
import { registerEnter } from './commands/enter.ts';
import { registerExplain } from './commands/explain.ts';
import { registerGraph } from './commands/graph.ts';
import { registerList } from './commands/list.ts';
import { registerLogs } from './commands/logs.ts';
import type { Register, Session } from './commands/session.ts';
import { registerStatus } from './commands/status.ts';
import { registerSupervise } from './commands/supervise.ts';
import { registerSynth } from './commands/synth.ts';
import { Interrupted } from './interruption.ts';
import { createMessages, OutputClosed } from './messages.ts';
import { printable } from './printable.ts';
import { withoutCommands } from './workflow-commands.ts';

/** In the order of the help. */
const VERBS: readonly Register[] = [
  registerSynth,
  registerDiff,
  registerDeploy,
  registerDestroy,
  registerList,
  registerStatus,
  registerLogs,
  registerEnter,
  registerAllow,
  registerSupervise,
  registerExplain,
  registerGraph,
];

/** What commander refused, told as every other mistake is. */
const usageError = ({ message }: CommanderError): BottleError =>
  new BottleError('usage/arguments', message.replace(/^error: /, ''), {
    fix: 'bottle --help lists the verbs',
    exitCode: 2,
  });

const isHelp = ({ code }: CommanderError): boolean => code === 'commander.help';

function buildProgram(session: Session): Command {
  const program = new Command('bottle')
    .description('Infrastructure as code for sandboxed coding agents.')
    .configureOutput({
      writeErr: (text) => void process.stderr.write(withoutCommands(printable(text))),
      outputError: () => {},
    })
    .exitOverride();
  for (const register of VERBS) register(program, session);
  return program;
}

/** What stands before `--`: the rest is for another program. */
function ownArguments(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}

/** A reader that goes away (`| head`) is noticed by who writes next; it is no reason for a stack. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Runs the CLI and returns its exit code: 0 done, 1 failed, 2 usage; `enter` returns its command's. */
export async function main(argv: readonly string[]): Promise<number> {
  let messages = createMessages({ json: ownArguments(argv).includes('--json'), quiet: false });
  let exitCode = 0;
  const program = buildProgram({
    messages: ({ json = false, quiet = false }) => {
      messages = createMessages({ json, quiet });
      return messages;
    },
    exitWith: (code) => {
      exitCode = code;
    },
  });
  process.stdout.on('error', onOutputError);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof OutputClosed) return 0;
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0 && !isHelp(error)) messages.error(usageError(error));
      return error.exitCode === 0 ? 0 : 2;
    }
    if (error instanceof Interrupted) {
      messages.warn(error.message);
      return error.exitCode;
    }
    messages.error(error);
    return error instanceof BottleError ? error.exitCode : 1;
  }
}
