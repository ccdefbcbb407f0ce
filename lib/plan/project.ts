/** What rules know of the project on the host besides its plans. */

export interface ProjectView {
  /** Absolute; where relative paths of a definition start. */
  readonly directory: string;
  /** Home of the user, where it is known. */
  readonly home?: string;
  /** Paths that the host runs or writes by `cdk.json`, as it spells them. */
  readonly runs: readonly string[];
}

/** Stands for a project of which nothing is known. */
export const UNKNOWN_PROJECT: ProjectView = { directory: '/project', runs: [] };

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Every word of a shell command that can be a path; a program's name is one, too, which costs nothing. */
const commandPaths = (command: string): readonly string[] =>
  command.split(/[\s'"`=;|&()<>]+/).filter((word) => word !== '' && !word.startsWith('-'));

/** `cdkJson` is the text of `cdk.json`; one that cannot be read says nothing here and is an error of the CLI. */
export function projectView(directory: string, home: string | undefined, cdkJson: string | undefined): ProjectView {
  let content: object = {};
  try {
    const parsed: unknown = JSON.parse(cdkJson ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) content = parsed;
  } catch {
    // Told by the CLI, which reads it first.
  }
  const output = 'output' in content ? textOf(content.output) : '';
  const runs = [...commandPaths('app' in content ? textOf(content.app) : ''), ...(output === '' ? [] : [output])];
  return { directory, runs, ...(home === undefined || home === '' ? {} : { home }) };
}
