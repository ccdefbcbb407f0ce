import { readProject } from '../project.ts';
import { type CommonOptions, definitionVerb, type Register } from './session.ts';

interface Flags extends CommonOptions {
  readonly dryRun?: boolean;
  readonly keepFailed?: boolean;
  readonly reset?: boolean;
}

export const registerDeploy: Register = (program, session) => {
  definitionVerb(program, 'deploy [slug...]', 'bring bottles up and wait until every daemon is healthy')
    .option('--dry-run', 'say what would be done and touch nothing')
    .option('--keep-failed', 'leave a bottle that did not come up as it is')
    .option('--reset', 'forget the live grants that bottle allow and bottle supervise gave')
    .action(async (slugs: string[], options: Flags) => {
      const messages = session.messages(options);
      const project = readProject(process.cwd(), options);
      const { deploy } = await import('../deploy.ts');
      const { dryRun = false, keepFailed = false, reset = false } = options;
      await deploy(project, slugs, messages, { dryRun, keepFailed, reset });
    });
};
