import { readProject } from '../project.ts';
import { type CommonOptions, previewVerb, type Register } from './session.ts';

interface Flags extends CommonOptions {
  readonly against?: string;
  readonly fail?: boolean;
  readonly files?: boolean;
  readonly unified?: boolean;
}

export const registerDiff: Register = (program, session) => {
  previewVerb(program, 'diff [slug...]', 'say what the definition would open, close and change of what is deployed')
    .option('--against <directory>', 'compare with the output directory of another synth, not with what is deployed')
    .option('--fail', 'exit with 1 if anything differs')
    .option('--files', 'list the files that differ, and not what that means')
    .option('--unified', 'show the files that differ as unified diffs, too')
    .action(async (slugs: string[], options: Flags) => {
      const messages = session.messages(options);
      const project = readProject(process.cwd(), options);
      const { diff } = await import('../diff.ts');
      const { against, fail = false, files = false, unified = false } = options;
      const differs = await diff(project, slugs, messages, {
        fail,
        files,
        unified,
        ...(against === undefined ? {} : { against }),
      });
      if (differs && fail) session.exitWith(1);
    });
};
