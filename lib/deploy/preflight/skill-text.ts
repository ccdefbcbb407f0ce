/** What a `SKILL.md` says of itself (agentskills.io): YAML between two lines `---`. */

import { parse } from 'yaml';

const FRONTMATTER = /^\ufeff?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;

const filled = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

function fieldsOf(yaml: string): object | undefined {
  try {
    const parsed: unknown = parse(yaml);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What an agent program makes of a text that is not as it should be, in words that follow the skill's name. Claude Code
 * 2.1 refuses none of these: it goes by the directory's name, and guesses a description.
 */
export function skillTextFlaws(text: string, name: string): readonly string[] {
  const yaml = FRONTMATTER.exec(text)?.[1];
  if (yaml === undefined) return ['has no frontmatter; its first paragraph is taken for its description'];
  const fields = fieldsOf(yaml);
  if (fields === undefined) return ['has a frontmatter that is no YAML; what it says may be lost'];
  const named: unknown = 'name' in fields ? fields.name : undefined;
  const description: unknown = 'description' in fields ? fields.description : undefined;
  return [
    ...(filled(named) ? [] : ['has no name in its frontmatter; that of its directory is taken']),
    ...(filled(named) && named !== name ? ['has another name in its frontmatter; the directory counts'] : []),
    ...(filled(description) ? [] : ['has no description in its frontmatter; its first paragraph is taken']),
  ];
}
