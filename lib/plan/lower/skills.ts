/** The agent's skills: directories of the host, each known by its own name. */

import { posix } from 'node:path';
import type { SkillPlan } from '../bottle-plan.ts';
import { texts } from './shape.ts';
import type { Site } from './site.ts';
import { sortedBy } from './sorted.ts';

/** Spelling aside: `skills/review/` and `skills/./review` are `review`; what has no name of its own is judged by a rule. */
const nameOf = (source: string): string => posix.basename(posix.normalize(source));

export function lowerSkills(site: Site, value: unknown): readonly SkillPlan[] {
  const skills = (texts(site, '`skills`', value) ?? []).map((source) =>
    site.declared({ name: nameOf(source), source }),
  );
  return sortedBy(skills, ({ name }) => name);
}
