import { type CommonOptions, type Register, verb } from './session.ts';

export const registerStatus: Register = (program, session) => {
  verb(program, 'status [slug...]', 'say how bottles are: each daemon and its policy, the agent, what happened')
    .addHelpText('after', '\nExits 0 if every bottle shown is healthy, 1 if one is not or there is none.')
    .action(async (slugs: string[], options: CommonOptions) => {
      const messages = session.messages(options);
      const { status } = await import('../status.ts');
      if (!(await status(process.cwd(), slugs, messages))) session.exitWith(1);
    });
};
