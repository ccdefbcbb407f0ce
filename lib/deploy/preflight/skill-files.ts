/** A directory of a skill, read once: what is in it is what the agent gets, whatever becomes of it later. */

import { closeSync, fstatSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listed, quoted } from '../../plan/index.ts';
import { forbiddenSkillPath } from '../../rules/skills.ts';
import { openRegular } from '../host-files/open-regular.ts';
import { isWithin, realPath } from '../host-files/real-path.ts';
import type { StateFile } from '../state/contents.ts';

/** So that a deploy, which keeps it in memory, never copies a home or a build by mistake. */
const MOST_FILES = 1000;
const MOST_BYTES = 10 * 1024 * 1024;

/** Of no use to an agent, and apt to hold credentials. */
const LEFT_OUT = ['.git'];

export type SkillFiles = ReadonlyMap<string, StateFile>;

/** Thrown with words that follow the path of the skill. */
export class SkillTrouble extends Error {}

const EXECUTABLE = 0o111;

/** The regular file at `path`; never a pipe, on which a deploy would wait, nor what a link was just made to lead to. */
function readRegular(path: string, shown: string, room: number): StateFile {
  const handle = openRegular(path);
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new SkillTrouble(`holds ${shown}, which is no regular file`);
    if (stat.size > room) throw new SkillTrouble(`holds more than ${MOST_BYTES / 1024 ** 2} MiB`);
    return { content: readFileSync(handle), mode: (stat.mode & EXECUTABLE) === 0 ? 0o644 : 0o755 };
  } finally {
    closeSync(handle);
  }
}

/** Where the entry at `path` is read from: itself, or the file of the same skill that it is a link to. */
function sourceOf(path: string, shown: string, root: string): string {
  if (!lstatSync(path).isSymbolicLink()) return path;
  const real = realPath(path);
  if (real === undefined) throw new SkillTrouble(`holds ${shown}, a link that leads nowhere`);
  if (!isWithin(real, root)) throw new SkillTrouble(`holds ${shown}, a link that leads out of it`);
  if (!lstatSync(real).isFile()) throw new SkillTrouble(`holds ${shown}, a link to what is no regular file`);
  return real;
}

/** The files of the skill whose real path is `root`, by their path in it. Throws a {@link SkillTrouble}. */
export function readSkillFiles(root: string): SkillFiles {
  const files = new Map<string, StateFile>();
  let room = MOST_BYTES;
  const walk = (below: string): void => {
    const entries = readdirSync(join(root, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      const shown = quoted(path);
      if (LEFT_OUT.includes(entry.name)) continue;
      if (/\p{Cc}|\\/u.test(entry.name)) throw new SkillTrouble(`holds ${shown}, which is no plain name`);
      const forbidden = forbiddenSkillPath(join(root, path));
      if (forbidden !== undefined) throw new SkillTrouble(`holds ${shown}, which ${forbidden}`);
      if (entry.isDirectory()) {
        walk(path);
        continue;
      }
      if (files.size === MOST_FILES) throw new SkillTrouble(`holds more than ${MOST_FILES} files`);
      const file = readRegular(sourceOf(join(root, path), shown, root), shown, room);
      room -= file.content.length;
      files.set(path, file);
    }
  };
  walk('');
  if (!files.has('SKILL.md')) {
    const found = [...files.keys()].slice(0, 5);
    throw new SkillTrouble(`holds no SKILL.md${found.length === 0 ? '' : `, but ${listed(found.map(quoted))}`}`);
  }
  return files;
}
