/** The command line: maps arguments to verbs. Each verb's module is loaded only when it is called. */

import { Command, CommanderError, Option } from 'commander';
import { BottleError } from '../errors.ts';
import { Interrupted } from './interruption.ts';
import { createMessages, type Messages } from './messages.ts';
import { type ProjectOptions, readProject } from './project.ts';

interface CommonOptions extends ProjectOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

interface DeployFlags {
  readonly dryRun?: boolean;
  readonly keepFailed?: boolean;
  readonly reset?: boolean;
}

interface DestroyFlags {
  readonly dryRun?: boolean;
  readonly volumes?: boolean;
  readonly yes?: boolean;
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

function verb(program: Command, name: string, summary: string): Command {
  return program
    .command(`${name} [slug...]`)
    .summary(summary)
    .description(summary)
    .option('--json', 'print the result as JSON')
    .option('-q, --quiet', 'print nothing but results, warnings and errors');
}

/** A verb that runs the project's definition. */
function definitionVerb(program: Command, name: string, summary: string): Command {
  return verb(program, name, summary)
    .option('--app <command>', 'command that runs the definition (default: "app" in cdk.json)')
    .option('-o, --output <directory>', 'output directory (default: "output" in cdk.json, or dist)')
    .option('-c, --context <key=value>', 'context of the definition; may be repeated', collect);
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

  definitionVerb(program, 'synth', 'write what the definition becomes; with one bottle named, print its compose file')
    .option('--strict', 'treat warnings as errors')
    .option('--report <file>', 'write the findings to a file, also when synth fails')
    .addOption(new Option('--target <target>', 'what to render').default('compose'))
    .action(async (slugs: string[], options: CommonOptions & { strict?: boolean; report?: string; target: string }) => {
      const { messages, project } = start(options);
      const { synth } = await import('./synth.ts');
      const { strict = false, report, target } = options;
      await synth(project, slugs, messages, { strict, target, ...(report === undefined ? {} : { report }) });
    });

  definitionVerb(program, 'deploy', 'bring bottles up and wait until every daemon is healthy')
    .option('--dry-run', 'say what would be done and touch nothing')
    .option('--keep-failed', 'leave a bottle that did not come up as it is')
    .option('--reset', 'start from the definition alone; every deploy does, until live grants exist')
    .action(async (slugs: string[], options: CommonOptions & DeployFlags) => {
      const { messages, project } = start(options);
      const { deploy } = await import('./deploy.ts');
      const { dryRun = false, keepFailed = false, reset = false } = options;
      await deploy(project, slugs, messages, { dryRun, keepFailed, reset });
    });

  verb(program, 'destroy', 'take bottles down; data volumes stay')
    .option('--dry-run', 'say what would be done and touch nothing')
    .option('--volumes', 'remove the data volumes and the state too; saved logs stay')
    .option('-y, --yes', 'answer every question with yes')
    .action(async (slugs: string[], options: CommonOptions & DestroyFlags) => {
      const messages = messagesFor(options);
      setMessages(messages);
      const { destroy } = await import('./destroy.ts');
      const { dryRun = false, volumes = false, yes = false } = options;
      await destroy(process.cwd(), slugs, messages, { dryRun, volumes, yes });
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
    if (error instanceof Interrupted) {
      messages.warn(error.message);
      return error.exitCode;
    }
    messages.error(error);
    return error instanceof BottleError ? error.exitCode : 1;
  }
}
