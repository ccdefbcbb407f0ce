import { Option } from 'commander';
import { readProject } from '../project.ts';
import { ANNOTATIONS, type CommonOptions, definitionVerb, type Register } from './session.ts';

interface Flags extends CommonOptions {
  readonly strict?: boolean;
  readonly report?: string;
  readonly annotations?: string;
  readonly target: string;
}

export const registerSynth: Register = (program, session) => {
  const summary = 'write what the definition becomes; with one bottle named, print its compose file';
  definitionVerb(program, 'synth [slug...]', summary)
    .option('--strict', 'treat warnings as errors, unless they are acknowledged')
    .option('--report <file>', 'write the findings to a file, also when synth fails: JSON, or SARIF for *.sarif')
    .option('--annotations <format>', ANNOTATIONS)
    .addOption(new Option('--target <target>', 'what to render').default('compose'))
    .action(async (slugs: string[], options: Flags) => {
      const messages = session.messages(options);
      const project = readProject(process.cwd(), options);
      const { synth } = await import('../synth.ts');
      const { strict = false, report, annotations, target } = options;
      await synth(project, slugs, messages, {
        strict,
        target,
        ...(report === undefined ? {} : { report }),
        ...(annotations === undefined ? {} : { annotations }),
      });
    });
};
