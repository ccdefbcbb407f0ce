/** The skills of a bottle, as this host has them now. */

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { BottleError } from '../../errors.ts';
import { userHome } from '../../operate/state/directory.ts';
import { credentialIn, quoted, type SkillPlan } from '../../plan/index.ts';
import { projectProblem } from '../../rules/project-paths.ts';
import { forbiddenSkillPath } from '../../rules/skills.ts';
import { type HostPaths, hostPath } from '../host-files/host-path.ts';
import { isWithin, overlap, placesOf, realPath } from '../host-files/real-path.ts';
import type { AppPaths } from './app-paths.ts';
import { realProject } from './host-code.ts';
import { readSkillFiles, type SkillFiles, SkillTrouble } from './skill-files.ts';
import { skillTextFlaws } from './skill-text.ts';

/** A skill that is ready to be copied. */
export interface Skill {
  readonly name: string;
  /** By path in the skill. */
  readonly files: SkillFiles;
  /** Of paths, modes and contents, SHA-256. */
  readonly digest: string;
}

/** As `deployed.json` has them. */
export const skillDigests = (skills: readonly Skill[]): Record<string, string> =>
  Object.fromEntries(skills.map(({ name, digest }) => [name, digest]));

export interface SkillContext extends HostPaths {
  readonly assemblyDir: string;
  /** The directory of all states. */
  readonly home: string;
  readonly inputs: AppPaths['inputs'];
}

const FIX = 'correct `skills` in the definition, or what lies there';

const digestOf = (files: SkillFiles): string => {
  const lines = [...files].map(([path, { content, mode }]) => {
    const own = createHash('sha256').update(content).digest('hex');
    return `${JSON.stringify(path)} ${mode} ${own}\n`;
  });
  return createHash('sha256').update(lines.join('')).digest('hex');
};

/** Why nothing of the real directory may be given to an agent, in words that follow it, or undefined. */
function trouble(real: string, context: SkillContext): string | undefined {
  const realOf = (path: string): string => realPath(path) ?? path;
  const key = context.inputs.find(
    ({ kind, path }) => kind === 'identity file' && placesOf(path).some((place) => isWithin(place, real)),
  );
  return (
    forbiddenSkillPath(real) ??
    (isWithin(realOf(userHome(context.env)), real) ? 'is or contains the home directory' : undefined) ??
    (overlap(real, realOf(context.home)) ? 'holds the keys and the state of bottles' : undefined) ??
    (key === undefined ? undefined : `holds the identity file ${key.path}`) ??
    projectProblem(real, false, realProject(context), () => [])
  );
}

/** Text in which a pattern of a token means one; a text on passwords says the word often enough. */
const TOKENS_IN = 1024 * 1024;

/** What is odd about a skill, and yet no reason not to deploy it. */
function flaws({ name, files }: Skill): readonly string[] {
  const text = files.get('SKILL.md')?.content.toString() ?? '';
  const tokens = [...files].flatMap(([path, { content }]) => {
    const kind = content.length > TOKENS_IN ? undefined : credentialIn(content.toString('latin1'));
    if (kind === undefined || kind.startsWith('a password')) return [];
    return [`holds ${quoted(path)}, which looks like ${kind}: the agent will have it`];
  });
  return [...skillTextFlaws(text, name), ...tokens].map((flaw) => `the skill ${name} ${flaw}`);
}

function readSkill({ name, source }: SkillPlan, context: SkillContext): Skill | BottleError {
  const path = hostPath(source, context);
  const real = realPath(path);
  const what = (words: string): string =>
    `the skill ${name}, ${real === undefined || real === path ? path : `${path} (really ${real})`}, ${words}`;
  if (real === undefined || !statSync(real).isDirectory()) {
    const words = real === undefined ? 'does not exist' : 'is no directory';
    return new BottleError('deploy/skill-missing', what(words), { fix: FIX });
  }
  const reason = trouble(real, context);
  if (reason !== undefined) return new BottleError('deploy/skill-forbidden', what(reason), { fix: FIX });
  try {
    const files = readSkillFiles(real);
    return { name, files, digest: digestOf(files) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (!(error instanceof SkillTrouble) && code === undefined) throw error;
    const words = error instanceof SkillTrouble ? error.message : `cannot be read (${code})`;
    return new BottleError('deploy/skill-unusable', what(words), { fix: FIX });
  }
}

/**
 * The digest that a deploy would record of the skill at `source` on this host; undefined where it could not be copied.
 * Whether the agent may have it is deploy's to say.
 */
export function skillDigest(source: string, paths: HostPaths): string | undefined {
  const real = realPath(hostPath(source, paths));
  if (real === undefined) return undefined;
  try {
    return digestOf(readSkillFiles(real));
  } catch {
    return undefined;
  }
}

export interface Skills {
  readonly skills: readonly Skill[];
  readonly warnings: readonly string[];
  readonly problems: readonly BottleError[];
}

export function readSkills(wanted: readonly SkillPlan[], context: SkillContext): Skills {
  const read = wanted.map((skill) => readSkill(skill, context));
  const skills = read.filter((one): one is Skill => !(one instanceof BottleError));
  return { skills, warnings: skills.flatMap(flaws), problems: read.filter((one) => one instanceof BottleError) };
}
