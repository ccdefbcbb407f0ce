/** What of a project runs on this host, with links resolved. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { userHome } from '../../operate/state/directory.ts';
import { type ProjectView, projectView } from '../../plan/index.ts';
import { codePlaces, RUN_ON_HOST } from '../../rules/project-paths.ts';
import { type HostPaths, hostPath } from '../host-files/host-path.ts';
import { placesOf, realPath } from '../host-files/real-path.ts';

/** The project at its real path. */
export function realProject({ projectDir, env }: HostPaths): ProjectView {
  const file = join(projectDir, 'cdk.json');
  const cdkJson = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  return projectView(realPath(projectDir) ?? projectDir, userHome(env), cdkJson);
}

/** Names of the links in `directory`; none if it cannot be read. */
function links(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Packages that a package manager linked into `node_modules`, e.g. those of a workspace. */
function linkedPackages(project: string): readonly string[] {
  const modules = join(project, 'node_modules');
  const scopes = existsSync(modules) ? readdirSync(modules).filter((name) => name.startsWith('@')) : [];
  return ['.', ...scopes].flatMap((scope) => links(join(modules, scope)).map((name) => join(modules, scope, name)));
}

/** Where code lies that the host runs: by name, by `cdk.json`, and wherever a link of the project leads to such. */
export function hostCode(project: ProjectView): readonly string[] {
  const { directory } = project;
  const named = links(directory)
    .filter((name) => RUN_ON_HOST.test(name))
    .map((name) => join(directory, name));
  const run = project.runs.map((path) => hostPath(path, { projectDir: directory, env: { HOME: project.home } }));
  const linked = [...named, ...run, ...linkedPackages(directory)].flatMap(placesOf);
  return codePlaces(project, linked);
}
