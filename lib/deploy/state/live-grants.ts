/** A bottle of the assembly with its live grants merged in: what a deploy brings up, unless it is told to forget them. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BottleError } from '../../errors.ts';
import { DECLARED_DIR, declaredPolicy } from '../../operate/apply/index.ts';
import {
  assertGrantable,
  type DroppedGrant,
  GRANTS_FILE,
  type Grant,
  grantsText,
  type PolicyTexts,
  parseGrants,
  parsePolicy,
  regrant,
  type Tokens,
  withGrants,
} from '../../operate/grants/index.ts';
import { stateDirectoryProblem } from '../../operate/state/directory.ts';
import { BOTTLE_FILE, listed, sidecarService } from '../../plan/index.ts';
import type { AssembledBottle } from '../assembly.ts';
import { withTokenSlots } from './token-slots.ts';

const { compose: COMPOSE, routes: ROUTES, pipelock: PIPELOCK } = BOTTLE_FILE;
/** What a live grant can change, besides the grants themselves. */
const GRANTABLE: readonly string[] = [COMPOSE, ROUTES, PIPELOCK];

/** The bottle's entry of the manifest, among what is kept as declared. */
export const DECLARED_MANIFEST = 'manifest.json';

export interface LiveGrants {
  /** `grants.json` as it was found; undefined where there was none. */
  readonly seen: string | undefined;
  /** `grants.json` as it is to be; undefined: none. */
  readonly wanted: string | undefined;
  readonly kept: readonly Grant[];
  readonly dropped: readonly DroppedGrant[];
  /** By `--reset`. */
  readonly forgotten: readonly Grant[];
  /** What the grants were merged into as it was before, by path, and the bottle's entry of the manifest. */
  readonly declared: ReadonlyMap<string, Buffer>;
}

/** `grants.json` of `stateDir`; what cannot be looked at is reported by preflight. */
function grantsFileText(stateDir: string): string | undefined {
  const file = join(stateDir, GRANTS_FILE);
  return stateDirectoryProblem(stateDir) === undefined && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function forgettable(seen: string): readonly Grant[] {
  try {
    return parseGrants(seen);
  } catch (error) {
    if (error instanceof BottleError) return [];
    throw error;
  }
}

/**
 * The definition that the live grants were given on top of; undefined where it is lost, which the deploy mends. What
 * the new definition makes of them is for `regrant`.
 */
function lastDeclared(stateDir: string): PolicyTexts | undefined {
  try {
    const texts = declaredPolicy(stateDir);
    parsePolicy(texts);
    return texts;
  } catch (error) {
    if (error instanceof BottleError) return undefined;
    throw error;
  }
}

/** The variables that only grants name, each with what needs it. */
function needsOf(kept: readonly Grant[], known: readonly string[]) {
  const needs = kept.flatMap((grant) =>
    grant.kind === 'open' && grant.auth !== undefined
      ? [{ name: grant.auth.from, by: `live grant of ${grant.host}` }]
      : [],
  );
  const names = [...new Set(needs.map(({ name }) => name))].filter((name) => !known.includes(name));
  return names.map((name) => ({ name, neededBy: needs.filter((need) => need.name === name).map(({ by }) => by) }));
}

function mergedFiles(
  bottle: AssembledBottle,
  declared: ReadonlyMap<string, Buffer>,
  kept: readonly Grant[],
  tokens: Tokens,
  now: Date,
): ReadonlyMap<string, Buffer> {
  const routes = declared.get(ROUTES)?.toString();
  const pipelock = declared.get(PIPELOCK)?.toString() ?? '';
  const live = withGrants({ ...(routes === undefined ? {} : { routes }), pipelock }, kept, tokens, now);
  const slots = tokens.slice(bottle.manifest.requires.tokens.length).map(({ slot }) => slot);
  const compose = bottle.files.get(COMPOSE);
  const files = new Map<string, Buffer>(bottle.files).set(PIPELOCK, Buffer.from(live.pipelock));
  if (live.routes !== undefined) files.set(ROUTES, Buffer.from(live.routes));
  if (slots.length > 0 && compose !== undefined) {
    const service = sidecarService('egress', bottle.manifest.shape);
    files.set(COMPOSE, Buffer.from(withTokenSlots(compose.toString(), service, slots)));
  }
  return files;
}

/** What a live grant can change, as synth gave it, and the manifest's entry: a diff compares with these. */
const declaredFiles = ({ files, manifest }: AssembledBottle): ReadonlyMap<string, Buffer> =>
  new Map([
    ...[...files].filter(([path]) => GRANTABLE.includes(path)),
    [DECLARED_MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)],
  ]);

/** `bottle` as it is to run with the live grants of `stateDir`, or without them for `reset`. */
export function withLiveGrants(
  bottle: AssembledBottle,
  stateDir: string,
  { reset = false, now = new Date() }: { readonly reset?: boolean; readonly now?: Date } = {},
): AssembledBottle {
  const { requires } = bottle.manifest;
  const seen = grantsFileText(stateDir);
  const declared = declaredFiles(bottle);
  if (seen === undefined || reset) {
    const forgotten = seen === undefined ? [] : forgettable(seen);
    return { ...bottle, live: { seen, wanted: undefined, kept: [], dropped: [], forgotten, declared } };
  }
  const before = parseGrants(seen);
  const grantedOn = lastDeclared(stateDir);
  if (grantedOn !== undefined) assertGrantable(grantedOn, before);
  const routes = declared.get(ROUTES)?.toString();
  const policy = { ...(routes === undefined ? {} : { routes }), pipelock: declared.get(PIPELOCK)?.toString() ?? '' };
  const { kept, dropped, tokens } = regrant(policy, before, requires.tokens, now);
  const wanted = isDeepStrictEqual(kept, before) ? seen : kept.length === 0 ? undefined : grantsText(kept);
  return {
    ...bottle,
    files: mergedFiles(bottle, declared, kept, tokens, now),
    manifest: {
      ...bottle.manifest,
      requires: {
        ...requires,
        tokens,
        hostVariables: [
          ...requires.hostVariables,
          ...needsOf(
            kept,
            requires.tokens.map(({ from }) => from),
          ),
        ],
      },
    },
    live: { seen, wanted, kept, dropped, forgotten: [], declared },
  };
}

export const declaredPath = (path: string): string => `${DECLARED_DIR}/${path}`;

/** What an operator is told of the live grants, one line each. */
export function grantLines({ kept, dropped, forgotten }: LiveGrants): readonly string[] {
  const hosts = (grants: readonly Grant[], kind: Grant['kind']): string =>
    listed(grants.flatMap((grant) => (grant.kind === kind ? [grant.host] : [])));
  const inForce =
    kept.length === 0 ? [] : [`live grants in force: opened ${hosts(kept, 'open')}; closed ${hosts(kept, 'close')}`];
  return [
    ...inForce,
    ...dropped.map(({ grant, why }) => `live grant dropped: ${grant.host} ${why}`),
    ...(forgotten.length === 0
      ? []
      : [
          `${forgotten.length} live grants forgotten (--reset): opened ${hosts(forgotten, 'open')}; closed ${hosts(forgotten, 'close')}`,
        ]),
  ];
}

/** Throws if the grants have changed since they were merged in: an operator was faster. */
export function assertGrantsAsSeen(bottle: AssembledBottle, stateDir: string): void {
  if (bottle.live === undefined || grantsFileText(stateDir) === bottle.live.seen) return;
  throw new BottleError('deploy/grants-changed', `the live grants of ${bottle.slug} have just been changed`, {
    fix: 'run the deploy again',
  });
}
