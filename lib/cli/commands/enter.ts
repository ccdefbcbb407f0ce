import type { CommonOptions, Register } from './session.ts';

interface Flags extends CommonOptions {
  readonly agent?: boolean;
}

const SUMMARY = 'open a shell in the agent, or run a command or the agent program there';

const AFTER = `
Without a command: bash, or sh where there is none. It begins in the workspace if the bottle clones one. What follows
-- is the command; with --agent, arguments of the agent program. Exits with the exit code of what ran.

  bottle enter demo
  bottle enter demo -- git status
  bottle enter demo --agent
  bottle enter demo --agent -- --continue`;

export const registerEnter: Register = (program, session) => {
  program
    .command('enter <slug> [command...]')
    .summary(SUMMARY)
    .description(SUMMARY)
    .option('--agent', 'run the agent program (claude), its permission prompts off')
    .option('--json', 'print an error as JSON; what runs prints what it likes')
    .addHelpText('after', AFTER)
    .action(async (slug: string, words: string[], options: Flags) => {
      session.messages(options);
      const { enter } = await import('../enter.ts');
      session.exitWith(await enter(slug, words, { agent: options.agent === true }));
    });
};
