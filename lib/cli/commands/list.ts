import { type CommonOptions, collect, type Register, verb } from './session.ts';

interface Flags extends CommonOptions {
  readonly all?: boolean;
  readonly deployed?: boolean;
}

export const registerList: Register = (program, session) => {
  verb(program, 'list [slug...]', 'list the bottles of the app and what runs of them')
    .option('--app <command>', 'command that runs the definition (default: "app" in cdk.json)')
    .option('-c, --context <key=value>', 'context of the definition; may be repeated', collect)
    .option('--all', 'bottles of other apps on this home, too')
    .option('--deployed', 'what is deployed alone, without running the definition')
    .action(async (slugs: string[], options: Flags) => {
      const messages = session.messages(options);
      const { list } = await import('../list.ts');
      await list(process.cwd(), slugs, messages, options);
    });
};
