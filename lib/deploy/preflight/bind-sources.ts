/** Bind mounts of the definition, judged once more where they really lie: a link may lead where no rule looked. */

import { existsSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { BottleError } from '../../errors.ts';
import { userHome } from '../../operate/state/directory.ts';
import type { ProjectView } from '../../plan/index.ts';
import { forbiddenSource } from '../../rules/host-paths.ts';
import { projectProblem } from '../../rules/project-paths.ts';
import type { HostPaths } from '../host-files/host-path.ts';
import { isWithin, overlap, placesOf, realPath } from '../host-files/real-path.ts';
import type { AppPaths, HostBind } from './app-paths.ts';
import { hostCode, realProject } from './host-code.ts';

export interface BindContext extends HostPaths {
  readonly assemblyDir: string;
  /** The directory of all states. */
  readonly home: string;
  /** Those of the app. */
  readonly inputs: AppPaths['inputs'];
}

interface Judged extends BindContext {
  readonly project: ProjectView;
  readonly code: readonly string[];
}

const realOf = (path: string): string => realPath(path) ?? path;

/** Whether a bind in the project lies there as it is spelled, so that what synth judged is what is mounted. */
function isAsSpelled({ path, real }: HostBind, { projectDir, project }: Judged): boolean {
  const place = relative(project.directory, real);
  return [projectDir, project.directory].some((directory) => relative(directory, path) === place);
}

/** Neither a file nor a directory: somebody on the host answers there. Its name says nothing, so synth cannot see it. */
function isDoor(path: string): boolean {
  const entry = statSync(path);
  return !entry.isFile() && !entry.isDirectory();
}

/** Why the bind must not be; undefined if nothing speaks against it. */
function trouble(bind: HostBind, context: Judged): string | undefined {
  const { real, writable } = bind;
  const forbidden = forbiddenSource(real, writable);
  if (forbidden !== undefined) return forbidden;
  if (isDoor(real)) return 'is a socket, a pipe or a device: a way to the host that goes past the proxies';
  if (isWithin(realOf(userHome(context.env)), real)) return 'is or contains the home directory';
  if (overlap(real, realOf(context.home))) return 'holds the keys and the state of bottles';
  const keys = context.inputs.filter(({ kind }) => kind === 'identity file');
  const key = keys.find(({ path }) => placesOf(path).some((place) => isWithin(place, real)));
  if (key !== undefined) return `holds the identity file ${key.path}`;
  const problem = projectProblem(real, writable, context.project, () => context.code);
  if (problem !== undefined) return problem;
  if (!writable) return undefined;
  if (overlap(real, realOf(context.assemblyDir))) return 'holds what synth writes and deploy runs, and is writable';
  return isWithin(real, context.project.directory) && !isAsSpelled(bind, context)
    ? 'is in the project by way of a link, and is writable'
    : undefined;
}

/** A problem for each bind mount whose source is missing, or is, with links resolved, nothing for a container. */
export function bindSourceProblems(binds: readonly HostBind[], context: BindContext): readonly BottleError[] {
  if (binds.length === 0) return [];
  const project = realProject(context);
  const judged = { ...context, project, code: hostCode(project) };
  return binds.flatMap((bind) => {
    const { service, target, path, real } = bind;
    if (!existsSync(path)) {
      return new BottleError(
        'deploy/bind-source-missing',
        `${path}, which ${service} mounts at ${target}, does not exist`,
        {
          fix: 'create it, or correct the mount in the definition',
        },
      );
    }
    const reason = trouble(bind, judged);
    if (reason === undefined) return [];
    const leads = real === path ? path : `${path}, which is really ${real},`;
    return new BottleError('deploy/bind-source-forbidden', `${leads} ${reason}; ${service} may not mount it`, {
      fix: 'mount only the directory that is needed, read-only where that is enough',
    });
  });
}
