/** The host paths of all bottles of an app, and what one bottle could do to those of another. */

import { BottleError } from '../../errors.ts';
import { AGENT_SERVICE, WORKSPACE_DIR } from '../../plan/index.ts';
import type { AssembledBottle } from '../assembly.ts';
import type { ComposeFile } from '../compose-file.ts';
import { type HostPaths, hostPath } from '../host-files/host-path.ts';
import { isWithin, overlap, placesOf, realPath } from '../host-files/real-path.ts';

/** A bind mount, on this host. */
export interface HostBind {
  readonly slug: string;
  readonly service: string;
  readonly target: string;
  readonly path: string;
  /** The real path, or `path` where nothing is. */
  readonly real: string;
  readonly writable: boolean;
}

/** A file or directory that deploy reads and trusts. */
export interface HostInput {
  readonly kind: 'identity file' | 'trusted CA' | 'build context' | 'skill';
  readonly path: string;
}

export interface AppPaths {
  readonly binds: readonly HostBind[];
  readonly inputs: readonly HostInput[];
}

export function appPaths(
  app: readonly { readonly bottle: AssembledBottle; readonly compose: ComposeFile }[],
  paths: HostPaths,
): AppPaths {
  const at = (path: string): string => hostPath(path, paths);
  const binds = app.flatMap(({ bottle: { slug, manifest }, compose }) =>
    manifest.requires.bindMounts.map(({ service, source, target }) => {
      const path = at(source);
      const writable = !compose.readOnlyTargets(service).has(target);
      return { slug, service, target, path, real: realPath(path) ?? path, writable };
    }),
  );
  // A copy is of what may be read: judged as a mount that is read-only.
  const copied = app.flatMap(({ bottle: { slug, manifest } }) => {
    const { workspace } = manifest.requires;
    if (workspace?.kind !== 'copy') return [];
    const path = at(workspace.source);
    const target = `${WORKSPACE_DIR}/${workspace.name}`;
    return [{ slug, service: AGENT_SERVICE, target, path, real: realPath(path) ?? path, writable: false }];
  });
  const inputs = app.flatMap(({ bottle: { manifest } }): HostInput[] => {
    const { images, identityFiles, trustedCAs, skills } = manifest.requires;
    const contexts = [images.agent, images.sidecars].flatMap((image) =>
      image.kind === 'build' ? [image.context] : [],
    );
    return [
      ...identityFiles.map(({ path }) => ({ kind: 'identity file' as const, path: at(path) })),
      ...trustedCAs.map((path) => ({ kind: 'trusted CA' as const, path: at(path) })),
      ...contexts.map((path) => ({ kind: 'build context' as const, path: at(path) })),
      ...skills.map(({ source }) => ({ kind: 'skill' as const, path: at(source) })),
    ];
  });
  return { binds: [...binds, ...copied], inputs };
}

const shown = ({ path, real, service, slug }: HostBind): string =>
  `${real === path ? path : `${real} (mounted as ${path})`}, which ${service} of bottle ${slug} can write to`;

function nested(bind: HostBind, writable: readonly HostBind[]): BottleError[] {
  const places = placesOf(bind.path);
  const outer = writable.find((other) => other !== bind && places.some((place) => isWithin(place, other.real)));
  if (outer === undefined) return [];
  const { path, service, slug } = bind;
  const message = `${path}, which ${service} of bottle ${slug} mounts, is or lies in ${shown(outer)}`;
  return [
    new BottleError('deploy/bind-source-nested', message, {
      fix: 'mount the outer one alone, or keep the two apart: the engine would follow a link put in its place',
    }),
  ];
}

function shared(bind: HostBind, binds: readonly HostBind[]): BottleError[] {
  if (bind.service === AGENT_SERVICE) return [];
  const agent = binds.find(
    ({ slug, service, real, writable }) =>
      slug === bind.slug && service === AGENT_SERVICE && (writable || bind.writable) && overlap(real, bind.real),
  );
  if (agent === undefined) return [];
  const message = `${bind.path}, which ${bind.service} of bottle ${bind.slug} mounts, is in the agent, too, as ${agent.path}, and writable`;
  return [
    new BottleError('deploy/bind-source-shared', message, { fix: 'mount it into one of them, or read-only into both' }),
  ];
}

function written({ kind, path }: HostInput, writable: readonly HostBind[]): BottleError[] {
  const isTree = kind === 'build context' || kind === 'skill';
  const touches = isTree ? overlap : isWithin;
  const places = placesOf(path);
  const outer = writable.find(({ real }) => places.some((place) => touches(place, real)));
  if (outer === undefined) return [];
  const how = isTree ? 'is, contains or lies in' : 'is or lies in';
  return [
    new BottleError('deploy/input-writable', `the ${kind} ${path} ${how} ${shown(outer)}`, {
      fix: 'keep what deploy reads out of directories that a bottle can write to',
    }),
  ];
}

/** A problem for each bind source and each input that a container of the app could replace. */
export function writtenPathProblems({ binds, inputs }: AppPaths): readonly BottleError[] {
  const writable = binds.filter((bind) => bind.writable);
  return [
    ...binds.flatMap((bind) => [...nested(bind, writable), ...shared(bind, binds)]),
    ...inputs.flatMap((input) => written(input, writable)),
  ];
}
