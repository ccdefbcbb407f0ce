/** Bind mounts of the definition, judged once more where they really lie: a link may lead where no rule looked. */

import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import type { DeployRequirements } from '../../assembly/manifest.ts';
import { BottleError } from '../../errors.ts';
import { forbiddenSource } from '../../rules/host-paths.ts';
import { userHome } from '../state/directory.ts';
import { type HostPaths, hostPath } from './host-path.ts';

type Bind = DeployRequirements['bindMounts'][number];

export interface BindContext extends HostPaths {
  readonly assemblyDir: string;
  /** The directory of all states. */
  readonly home: string;
  readonly identityFiles: DeployRequirements['identityFiles'];
  /** Whether the container can write to the mount. */
  readonly isWritable: (bind: Bind) => boolean;
}

function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Whether `inner` is `outer` or lies in it. */
function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (!isAbsolute(path) && path !== '..' && !path.startsWith('../'));
}

const overlap = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a);

/** Why the real path must not be mounted; undefined if nothing speaks against it. */
function trouble(path: string, writable: boolean, context: BindContext): string | undefined {
  const forbidden = forbiddenSource(path, writable);
  if (forbidden !== undefined) return forbidden;
  const realOf = (other: string): string => real(other) ?? other;
  if (isWithin(realOf(userHome(context.env)), path)) return 'is or contains the home directory';
  if (overlap(path, realOf(context.home))) return 'holds the keys and the state of bottles';
  const key = context.identityFiles.find((file) => isWithin(realOf(hostPath(file.path, context)), path));
  if (key !== undefined) return `holds the identity file of remote ${key.remote}`;
  if (!writable) return undefined;
  if (isWithin(realOf(context.projectDir), path)) return 'holds the definition, and is writable';
  if (overlap(path, realOf(context.assemblyDir))) return 'holds what synth writes and deploy runs, and is writable';
  return undefined;
}

/** A problem for each bind mount whose source is missing, or is, with links resolved, nothing for a container. */
export function bindSourceProblems(binds: readonly Bind[], context: BindContext): readonly BottleError[] {
  return binds.flatMap((bind) => {
    const { service, source, target } = bind;
    const path = hostPath(source, context);
    const where = `which ${service} mounts at ${target},`;
    const found = real(path);
    if (found === undefined) {
      return new BottleError('deploy/bind-source-missing', `${path}, ${where} does not exist`, {
        fix: 'create it, or correct the mount in the definition',
      });
    }
    const reason = trouble(found, context.isWritable(bind), context);
    if (reason === undefined) return [];
    const leads = found === path ? path : `${path}, which is really ${found},`;
    return new BottleError('deploy/bind-source-forbidden', `${leads} ${reason}; ${service} may not mount it`, {
      fix: 'mount only the directory that is needed, read-only where that is enough',
    });
  });
}
