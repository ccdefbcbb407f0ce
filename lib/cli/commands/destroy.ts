import { type CommonOptions, type Register, verb } from './session.ts';

interface Flags extends CommonOptions {
  readonly dryRun?: boolean;
  readonly volumes?: boolean;
  readonly yes?: boolean;
}

export const registerDestroy: Register = (program, session) => {
  verb(program, 'destroy [slug...]', 'take bottles down; data volumes stay')
    .option('--dry-run', 'say what would be done and touch nothing')
    .option('--volumes', 'remove the data volumes and the state too; saved logs stay')
    .option('-y, --yes', 'answer every question with yes')
    .action(async (slugs: string[], options: Flags) => {
      const messages = session.messages(options);
      const { destroy } = await import('../destroy.ts');
      const { dryRun = false, volumes = false, yes = false } = options;
      await destroy(process.cwd(), slugs, messages, { dryRun, volumes, yes });
    });
};
