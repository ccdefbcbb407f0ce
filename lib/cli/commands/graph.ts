import { Option } from 'commander';
import type { GraphFormat, GraphOptions } from '../graph.ts';
import { readProject } from '../project.ts';
import { type CommonOptions, previewVerb, type Register } from './session.ts';

interface Flags extends CommonOptions {
  readonly format?: GraphFormat;
  readonly file?: string;
}

const FORMATS = ['html', 'svg', 'mermaid'] as const satisfies readonly GraphFormat[];

const HELP = `
Examples:
  bottle graph --file topology.html
  bottle graph demo --format svg > demo.svg
  bottle graph --format mermaid`;

export const registerGraph: Register = (program, session) => {
  previewVerb(
    program,
    'graph [slug...]',
    'draw containers, networks, daemons, routes and remotes, and who reaches whom',
  )
    .addOption(
      new Option('--format <format>', 'kind of picture (default: by the suffix of --file; html)').choices(FORMATS),
    )
    .option('--file <file>', 'write the picture to a file in place of stdout')
    .addHelpText('after', HELP)
    .action(async (slugs: string[], options: Flags) => {
      const messages = session.messages(options);
      const project = readProject(process.cwd(), options);
      const { graph } = await import('../graph.ts');
      const { format, file } = options;
      const chosen: GraphOptions = {
        ...(format === undefined ? {} : { format }),
        ...(file === undefined ? {} : { file }),
      };
      await graph(project, slugs, messages, chosen);
    });
};
