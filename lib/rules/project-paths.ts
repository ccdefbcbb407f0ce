/** Paths of a definition, compared with the project and with each other: relative, below home or absolute alike. */

import { posix } from 'node:path';
import type { ProjectView } from '../plan/index.ts';
import { isWithin, overlap } from './container-paths.ts';
import { comparable } from './host-paths.ts';

/** `path` in the one spelling by which two are compared: absolute where that can be known, lower case. */
export function placeOf(path: string, { directory, home }: ProjectView): string {
  if (path.startsWith('/')) return comparable(path);
  if (!/^~(?:\/|$)/.test(path)) return comparable(`${directory}/${path}`);
  return comparable(home === undefined ? path : `${home}${path.slice(1)}`);
}

/** What of a project is run on the host, or decides what is, by its name: code, packages, settings and hooks. */
export const RUN_ON_HOST =
  /^(?:bin|src|lib|infra|constructs|scripts|node_modules|dist|build|\.git|\.github|\.husky|\.vscode|\.idea|\.npmrc|\.yarnrc\.yml|\.yarn|cdk\.json|claude-bottle\.lock|package(?:-lock)?\.json|pnpm-[a-z]+\.yaml|yarn\.lock|tsconfig[^/]*\.json|makefile|[^/]*\.[cm]?[jt]s)$/i;

/**
 * Where code lies that the host runs: of each path in the project the folder at the project's top, because code of one
 * folder imports its neighbours; of a path outside its directory.
 */
export function codePlaces(project: ProjectView, files: readonly string[]): readonly string[] {
  const root = placeOf('.', project);
  const places = [...project.runs, ...files].map((path) => placeOf(path, project));
  return places.flatMap((place) => {
    if (isWithin(root, place)) return [];
    if (isWithin(place, root)) return [posix.join(root, posix.relative(root, place).split('/')[0] ?? '')];
    const parent = posix.dirname(place);
    return [isWithin(root, parent) ? place : parent];
  });
}

/** Why a source is too much of the project, in words that follow it, or undefined. `code` is what {@link codePlaces} gave. */
export function projectProblem(
  source: string,
  writable: boolean,
  project: ProjectView,
  code: () => readonly string[],
): string | undefined {
  const root = placeOf('.', project);
  const place = placeOf(source, project);
  if (place !== root && isWithin(root, place)) return 'contains the project';
  if (!writable) return undefined;
  if (place === root) return 'is the project, writable';
  const first = isWithin(place, root) ? (posix.relative(root, place).split('/')[0] ?? '') : '';
  return RUN_ON_HOST.test(first) || code().some((other) => overlap(place, other))
    ? 'is run on the host, or decides what is, and is writable'
    : undefined;
}
