/** Skills: directories of the host that deploy copies for the agent. Spelling alone decides here. */

import { DNS_LABEL, quoted } from '../plan/index.ts';
import { forbiddenSource } from './host-paths.ts';
import { spellingProblem } from './mount-sources.ts';
import { placeOf, projectProblem } from './project-paths.ts';
import type { Rule } from './rule.ts';

/**
 * Why nothing of `path` may be copied for an agent, in words that follow it, or undefined. Where Claude Code keeps
 * skills is no folder of credentials, though it lies in one: in a home as in a repository.
 */
export const forbiddenSkillPath = (path: string): string | undefined =>
  forbiddenSource(path.replace(/(^|\/)\.claude\/skills(?=\/[^/.])/i, '$1skills'), false);

export const SKILL_RULES: readonly Rule[] = [
  {
    id: 'bottles::skill-name',
    severity: 'error',
    what: 'a skill whose directory has no plain name',
    why: 'the agent knows the skill by it, and it is part of paths on the host and in the container',
    fix: 'name the directory with lower-case letters, digits and inner hyphens, e.g. skills/code-review',
    *check({ agent: { path, skills } }) {
      for (const skill of skills) {
        if (DNS_LABEL.test(skill.name)) continue;
        yield {
          path,
          part: skill,
          message: `skill ${quoted(skill.source)} is named ${quoted(skill.name)}; allowed: ${DNS_LABEL.source}`,
        };
      }
    },
  },
  {
    id: 'bottles::skill-name-unique',
    severity: 'error',
    what: 'two skills of one name',
    why: 'one would take the place of the other',
    fix: 'rename the directory of one of them',
    *check({ agent: { path, skills } }) {
      for (const [index, skill] of skills.entries()) {
        const first = skills.findIndex(({ name }) => name === skill.name);
        if (first === index) continue;
        yield {
          path,
          part: skill,
          message: `skill ${quoted(skill.source)} has the name of ${quoted(skills[first]?.source ?? '')}; allowed: one skill of a name`,
        };
      }
    },
  },
  {
    id: 'bottles::skill-source',
    severity: 'error',
    what: 'a skill from a place whose files no agent may read, or that does not say plainly which path it is',
    why: 'everything in the directory is copied for the agent',
    fix: 'keep skills in a directory of their own, e.g. skills/ of the project',
    *check({ agent: { path, skills } }, { project, keys }) {
      for (const skill of skills) {
        const { source } = skill;
        const [key] = keys.touching(placeOf(source, project));
        const problem =
          spellingProblem(source) ??
          forbiddenSkillPath(source) ??
          projectProblem(source, false, project, () => []) ??
          (key === undefined ? undefined : `is or contains the identity file of remote ${quoted(key.remote)}`);
        if (problem === undefined) continue;
        yield { path, part: skill, message: `skill ${quoted(source)} ${problem}` };
      }
    },
  },
  {
    id: 'bottles::skill-writable',
    severity: 'error',
    what: 'a skill that is, contains or lies in a writable mount of the app',
    why: 'an agent that can write it decides what the next deploy tells an agent to do',
    fix: 'keep skills where nothing in a bottle can write, or mount that directory read-only',
    *check({ agent: { path, skills } }, { writable, project }) {
      for (const skill of skills) {
        const [writer] = writable.touching(placeOf(skill.source, project));
        if (writer === undefined) continue;
        yield {
          path,
          part: skill,
          message: `skill ${quoted(skill.source)} and ${quoted(writer.mount.source)}, which ${writer.service} of ${quoted(writer.slug)} can write to, are one or contain each other; allowed: skills apart from it`,
        };
      }
    },
  },
];
