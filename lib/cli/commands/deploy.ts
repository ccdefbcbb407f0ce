import { readProject } from '../project.ts';
import { ANNOTATIONS, type CommonOptions, collect, definitionVerb, type Register } from './session.ts';

interface Flags extends CommonOptions {
  readonly dryRun?: boolean;
  readonly keepFailed?: boolean;
  readonly reset?: boolean;
  readonly annotations?: string;
  readonly answer?: readonly string[];
  readonly askAgain?: boolean;
}

export const registerDeploy: Register = (program, session) => {
  definitionVerb(program, 'deploy [slug...]', 'bring bottles up and wait until every daemon is healthy')
    .option('--dry-run', 'say what would be done and touch nothing')
    .option('--keep-failed', 'leave a bottle that did not come up as it is')
    .option('--reset', 'forget the live grants that bottle allow and bottle supervise gave')
    .option(
      '--answer <name=variable>',
      'host variable with the answer to what the definition asks; repeatable',
      collect,
    )
    .option('--ask-again', 'ask also for what a bottle that runs was given')
    .option('--annotations <format>', ANNOTATIONS)
    .action(async (slugs: string[], options: Flags) => {
      const messages = session.messages(options);
      const project = readProject(process.cwd(), options);
      const { deploy } = await import('../deploy.ts');
      const { dryRun = false, keepFailed = false, reset = false, answer = [], askAgain = false } = options;
      const flags = { dryRun, keepFailed, reset, answer, askAgain };
      const { annotations } = options;
      await deploy(project, slugs, messages, annotations === undefined ? flags : { ...flags, annotations });
    });
};
