import { BASES, type BaseName } from '../../../images/bases/pins.ts';
import { type Lock, readLock, writeLock } from './lock.ts';
import { type ResolvedBase, type ResolveOptions, resolveBase } from './resolve-base.ts';

/** The bases `names`, one after the other; digests that a registry gave are kept in the lock. */
export async function basesFor(
  names: readonly BaseName[],
  lockFile: string,
  options: Omit<ResolveOptions, 'lock'>,
): Promise<readonly ResolvedBase[]> {
  const lock = readLock(lockFile);
  const bases: ResolvedBase[] = [];
  for (const name of names) bases.push(await resolveBase(name, { ...options, lock }));
  recordBases(lockFile, lock, bases);
  return bases;
}

function recordBases(lockFile: string, lock: Lock, bases: readonly ResolvedBase[]): void {
  const images = { ...lock.images };
  for (const { name, locked } of bases) if (locked !== undefined) images[name] = locked;
  if (JSON.stringify(images) !== JSON.stringify(lock.images)) writeLock(lockFile, { ...lock, images });
}

/** Build arguments by name. */
export const baseArguments = (bases: readonly ResolvedBase[]): Record<string, string> =>
  Object.fromEntries(bases.map(({ name, reference }) => [BASES[name].argument, reference]));

/** What the content hash sees of the bases. */
export const baseIdentities = (bases: readonly ResolvedBase[]): Record<string, string> =>
  Object.fromEntries(bases.map(({ name, identity }) => [BASES[name].argument, identity]));
