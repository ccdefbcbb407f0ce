/**
 * Lines that a build system takes for a command instead of showing them, made harmless wherever others' words are
 * printed: nobody knows what reads our output. GitHub obeys `::name …::` at the beginning of a line, white space before it
 * aside, and `##[name]` anywhere in one (actions/runner, ActionCommand.cs); Azure Pipelines `##vso[…]`, TeamCity
 * `##teamcity[…]`.
 */

const AT_LINE_START = /^([^\S\n]*):(?=:)/gm;
const ANYWHERE = /#(?=#(?:\[|vso\[|teamcity\[))/gi;

/** `text` that no build system obeys: what would begin a command is written out, as other characters are. */
export const withoutCommands = (text: string): string =>
  text.replace(AT_LINE_START, '$1\\x3a').replace(ANYWHERE, '\\x23');

/** JSON that no build system obeys; the same data for every reader. None of its lines begins with a colon. */
export const jsonWithoutCommands = (json: string): string => json.replace(ANYWHERE, '\\u0023');

/** Whether `text` holds something that a build system would obey. */
export const holdsCommand = (text: string): boolean => withoutCommands(text) !== text;
