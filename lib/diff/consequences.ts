/** What a deploy of the new version does to the containers, as far as the documents alone tell. */

import { isDeepStrictEqual } from 'node:util';
import { BottleError } from '../errors.ts';
import { needsRestart } from '../operate/grants/index.ts';
import { AGENT_SERVICE, BOTTLE_FILE, type Daemon, daemonsOf, PROJECT_DIR_VARIABLE } from '../plan/index.ts';
import type { BottleDocuments, Consequences } from './model.ts';
import { composeOf, servicesOf } from './services.ts';
import { type Version, within } from './side.ts';

/** Whose image a service runs is of the manifest; compose names ours by a tag that never changes. */
function hasOtherImage(service: string, before: BottleDocuments, after: BottleDocuments): boolean {
  const whose = service === AGENT_SERVICE ? 'agent' : 'sidecars';
  return !isDeepStrictEqual(before.manifest.requires.images[whose], after.manifest.requires.images[whose]);
}

const textOf = ({ files }: BottleDocuments, path: string): string => files.get(path)?.toString() ?? '';

/** Whether pipelock, in strict mode, refuses to take the new file while it runs; also where that cannot be told. */
function pipelockRestarts(before: BottleDocuments, after: BottleDocuments): boolean {
  try {
    return needsRestart(textOf(before, BOTTLE_FILE.pipelock), textOf(after, BOTTLE_FILE.pipelock));
  } catch (error) {
    if (error instanceof BottleError) return true;
    throw error;
  }
}

/** What the daemons read that is in no rendered file: keys and certificates, by the names of their files. */
function otherSources(daemon: Daemon, { manifest: { requires } }: BottleDocuments): unknown {
  if (daemon === 'git-gate') return requires.identityFiles;
  return daemon === 'supervise' ? undefined : requires.trustedCAs;
}

interface Reaction {
  readonly reloaded: readonly string[];
  readonly restarted: readonly string[];
}

/** How a service whose container stays takes up the files of its daemons. */
function reactionOf(service: string, before: BottleDocuments, after: BottleDocuments): Reaction {
  const daemons = daemonsOf(service, after.manifest.daemons, after.manifest.shape);
  const differs = (path: string): boolean => textOf(before, path) !== textOf(after, path);
  const isRestarted = daemons.some((daemon) => {
    const own = [...new Set([...before.files.keys(), ...after.files.keys()])].filter((path) =>
      path.startsWith(`${daemon}/`),
    );
    const isReloadable = daemon === 'egress' || daemon === 'pipelock';
    return (
      (!isReloadable && own.some(differs)) ||
      !isDeepStrictEqual(otherSources(daemon, before), otherSources(daemon, after))
    );
  });
  if (isRestarted) return { reloaded: [], restarted: [service] };
  const changed = daemons.filter(
    (daemon) =>
      (daemon === 'egress' && differs(BOTTLE_FILE.routes)) || (daemon === 'pipelock' && differs(BOTTLE_FILE.pipelock)),
  );
  const restarted = changed.filter((daemon) => daemon === 'pipelock' && pipelockRestarts(before, after));
  return { reloaded: changed.filter((daemon) => !restarted.includes(daemon)), restarted };
}

const servicesIn = (version: Version | undefined): ReturnType<typeof servicesOf> =>
  version === undefined ? new Map() : servicesOf(version);

/** Networks of both versions that deploy makes anew; labels say nothing of where a way leads. */
function changedNetworks(before: Version, after: Version): readonly string[] {
  const [old, now] = [before, after].map((version) => within(composeOf(version), 'networks'));
  const isRemade = (name: string): boolean => {
    const [from, to] = [within(old, name), within(now, name)];
    // A subnet that is no longer asked for may stay: any will do then.
    const subnet = to?.['ipam'] === undefined ? undefined : from?.['ipam'];
    return !isDeepStrictEqual(
      { ...from, ipam: subnet, labels: undefined },
      { ipam: undefined, ...to, labels: undefined },
    );
  };
  return Object.keys(now ?? {}).filter((name) => Object.hasOwn(old ?? {}, name) && isRemade(name));
}

/** `isMoved`: relative paths of the definition start elsewhere than they did. */
export function consequencesOf(before: Version | undefined, after: Version | undefined, isMoved = false): Consequences {
  const [old, now] = [servicesIn(before), servicesIn(after)];
  const kept = [...now.keys()].filter((name) => old.has(name));
  const pair = before === undefined || after === undefined ? undefined : { before, after };
  const remade = pair === undefined ? [] : changedNetworks(pair.before, pair.after);
  const recreated = kept.filter(
    (name) =>
      !isDeepStrictEqual(old.get(name), now.get(name)) ||
      remade.some((network) => Object.hasOwn(within(now.get(name), 'networks'), network)) ||
      (pair !== undefined && hasOtherImage(name, pair.before, pair.after)) ||
      (isMoved && JSON.stringify(now.get(name)).includes(PROJECT_DIR_VARIABLE)),
  );
  const reactions =
    pair === undefined
      ? []
      : kept
          .filter((name) => name !== AGENT_SERVICE && !recreated.includes(name))
          .map((name) => reactionOf(name, pair.before, pair.after));
  const removed = [...old.keys()].filter((name) => !now.has(name));
  const agentFiles = pair === undefined ? [] : [...new Set([...pair.before.files.keys(), ...pair.after.files.keys()])];
  return {
    created: [...now.keys()].filter((name) => !old.has(name)),
    recreated,
    removed,
    reloaded: reactions.flatMap(({ reloaded }) => reloaded),
    restarted: reactions.flatMap(({ restarted }) => restarted),
    remadeNetworks: remade,
    endsSession: [...recreated, ...removed].includes(AGENT_SERVICE),
    atNextStart: recreated.includes(AGENT_SERVICE)
      ? []
      : agentFiles
          .filter(
            (path) =>
              path.startsWith('agent/') && pair !== undefined && textOf(pair.before, path) !== textOf(pair.after, path),
          )
          .sort(),
  };
}
