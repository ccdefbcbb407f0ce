/** What every verb's command needs: the options that all share, and a way to be heard and to end. */

import type { Command } from 'commander';
import type { Messages } from '../messages.ts';
import type { ProjectOptions } from '../project.ts';

export interface CommonOptions extends ProjectOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** One run of the command line. */
export interface Session {
  /** The messages as `options` want them; errors take the same way from then on. */
  messages(options: CommonOptions): Messages;
  /** The exit code of a verb that ends without an error, and yet not with 0. */
  exitWith(code: number): void;
}

/** Adds one verb to the program. Its module is loaded only when the verb is called. */
export type Register = (program: Command, session: Session) => void;

/** A repeatable option as a list. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** Help of `--annotations`, of the verbs that tell findings. */
export const ANNOTATIONS =
  'github: show findings as annotations; none: do not (default: github if GITHUB_ACTIONS is true)';

/** A verb; `usage` is its name and arguments, `synth [slug...]`. */
export function verb(program: Command, usage: string, summary: string): Command {
  return program
    .command(usage)
    .summary(summary)
    .description(summary)
    .option('--json', 'print the result as JSON')
    .option('-q, --quiet', 'print nothing but results, warnings and errors');
}

const APP = ['--app <command>', 'command that runs the definition (default: "app" in cdk.json)'] as const;
const CONTEXT = ['-c, --context <key=value>', 'context of the definition; may be repeated', collect] as const;

/** A verb that runs the project's definition, and writes what it becomes. */
export const definitionVerb = (program: Command, usage: string, summary: string): Command =>
  verb(program, usage, summary)
    .option(...APP)
    .option('-o, --output <directory>', 'output directory (default: "output" in cdk.json, or dist)')
    .option(...CONTEXT);

/** A verb that runs the project's definition to look at what it becomes; no file of the project changes. */
export const previewVerb = (program: Command, usage: string, summary: string): Command =>
  verb(program, usage, summary)
    .option(...APP)
    .option(...CONTEXT);
