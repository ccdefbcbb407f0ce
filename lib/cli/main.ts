/** The command line: maps arguments to verbs. Each verb's module is loaded only when it is called. */

import { Command, CommanderError, Option } from 'commander';
import { BottleError } from '../errors.ts';
import { createMessages, type Messages } from './messages.ts';
import { type ProjectOptions, readProject } from './project.ts';

interface CommonOptions extends ProjectOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** A verb that runs the project's definition. */
function verb(program: Command, name: string, summary: string): Command {
  return program
    .command(`${name} [slug...]`)
    .summary(summary)
    .description(summary)
    .option('--app <command>', 'command that runs the definition (default: "app" in cdk.json)')
    .option('-o, --output <directory>', 'output directory (default: "output" in cdk.json, or dist)')
    .option('-c, --context <key=value>', 'context of the definition; may be repeated', collect)
    .option('--json', 'print the result as JSON')
    .option('-q, --quiet', 'print nothing but results, warnings and errors');
}

const messagesFor = (options: CommonOptions): Messages =>
  createMessages({ json: options.json === true, quiet: options.quiet === true });

/** The program with all verbs; `setMessages` learns how the chosen verb wants to be heard. */
function buildProgram(setMessages: (messages: Messages) => void): Command {
  const program = new Command('bottle')
    .description('Infrastructure as code for sandboxed coding agents.')
    .showHelpAfterError('(bottle --help lists the verbs)')
    .exitOverride();

  const start = (options: CommonOptions) => {
    const messages = messagesFor(options);
    setMessages(messages);
    return { messages, project: readProject(process.cwd(), options) };
  };

  verb(program, 'synth', 'write what the definition becomes; with one bottle named, print its compose file')
    .option('--strict', 'treat warnings as errors')
    .option('--report <file>', 'write the findings to a file, also when synth fails')
    .addOption(new Option('--target <target>', 'what to render').default('compose'))
    .action(async (slugs: string[], options: CommonOptions & { strict?: boolean; report?: string; target: string }) => {
      const { messages, project } = start(options);
      const { synth } = await import('./synth.ts');
      const { strict = false, report, target } = options;
      await synth(project, slugs, messages, { strict, target, ...(report === undefined ? {} : { report }) });
    });

  return program;
}

/** Runs the CLI and returns its exit code: 0 done, 1 failed, 2 usage. */
export async function main(argv: readonly string[]): Promise<number> {
  let messages = createMessages({ json: argv.includes('--json'), quiet: false });
  const program = buildProgram((chosen) => {
    messages = chosen;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    messages.error(error);
    return error instanceof BottleError ? error.exitCode : 1;
  }
}
