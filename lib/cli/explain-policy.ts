/** Where `bottle explain` finds the policy of a bottle: in what synth makes of the definition, or in what is deployed. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, readTree, selectBottles, type TreeEntry } from '../assembly/index.ts';
import { type BottlePolicy, bottlePolicy, type Declarations } from '../explain/index.ts';
import { livePolicy, storedBottle, unsettledChange } from '../operate/apply/index.ts';
import { readGrants } from '../operate/grants/index.ts';
import { homeDirectory } from '../operate/state/directory.ts';
import { BOTTLE_FILE } from '../plan/index.ts';
import type { Messages } from './messages.ts';
import { type ProjectOptions, readProject } from './project.ts';

const NOTHING: Declarations = { routes: {}, remotes: {} };

const entriesOf = (entry: TreeEntry): readonly TreeEntry[] => [entry, ...entry.children.flatMap(entriesOf)];

/** Where the definition declares what belongs to the bottle, by the tree that its synth wrote. */
function declarations(outdir: string, slug: string): Declarations {
  const root = readTree(outdir)?.tree;
  const bottle = root === undefined ? undefined : entriesOf(root).find((entry) => entry.slug === slug);
  if (bottle === undefined) return NOTHING;
  const entries = entriesOf(bottle);
  const linesOf = (wanted: 'route' | 'remote'): Declarations['routes'] =>
    Object.fromEntries(
      entries.flatMap(({ declares = [] }) =>
        declares.flatMap(({ kind, name, source }) => (kind === wanted && source !== undefined ? [[name, source]] : [])),
      ),
    );
  const pipelock = entries.find(({ construct }) => construct === 'Pipelock')?.source;
  return {
    routes: linesOf('route'),
    remotes: linesOf('remote'),
    ...(pipelock === undefined ? {} : { pipelock }),
    ...(bottle.source === undefined ? {} : { bottle: bottle.source }),
  };
}

const textIfAny = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** The policy of a bottle in an output directory. */
export function definedPolicy(outdir: string, manifest: Manifest, slug: string): BottlePolicy {
  const [only = slug] = selectBottles(manifest, [slug]);
  const bottle = manifest.bottles[only];
  const read = (path: string): string | undefined => textIfAny(join(outdir, only, path));
  const [routes, gitGate] = [read(BOTTLE_FILE.routes), read(BOTTLE_FILE.gitGate)];
  return bottlePolicy({
    slug: only,
    source: 'definition',
    ...(routes === undefined ? {} : { routes }),
    pipelock: read(BOTTLE_FILE.pipelock) ?? '',
    ...(gitGate === undefined ? {} : { gitGate }),
    hasSupervise: bottle?.daemons.includes('supervise') === true,
    tokens: bottle?.requires.tokens ?? [],
    declared: declarations(outdir, only),
    grants: {},
  });
}

/** The policy of the definition as it is now, synthesized beside the project: explain changes no file of it. */
export async function policyOfDefinition(
  directory: string,
  slug: string,
  messages: Messages,
  options: ProjectOptions,
): Promise<BottlePolicy> {
  const { withScratchAssembly } = await import('./scratch-assembly.ts');
  return withScratchAssembly(readProject(directory, options), messages, ({ outdir, manifest }) =>
    definedPolicy(outdir, manifest, slug),
  );
}

/** The policy that lies where the daemons of the deployed bottle read it. */
export function deployedPolicy(slug: string, messages: Messages): BottlePolicy {
  const { stateDir, deployed } = storedBottle(homeDirectory(process.env), slug);
  if (unsettledChange(stateDir) !== undefined) {
    messages.warn('a live change was interrupted or is under way; the next change or deploy settles it');
  }
  if (!deployed.complete) messages.warn(`the last deploy of ${slug} did not end; its daemons may run something else`);
  const gitGate = textIfAny(join(stateDir, BOTTLE_FILE.gitGate));
  const opened = readGrants(stateDir).filter(({ kind }) => kind === 'open');
  return bottlePolicy({
    ...livePolicy(stateDir),
    slug,
    source: 'deployed',
    ...(gitGate === undefined ? {} : { gitGate }),
    hasSupervise: deployed.daemons.includes('supervise'),
    tokens: deployed.tokens,
    declared: NOTHING,
    grants: Object.fromEntries(opened.map(({ host, who, time, why }) => [host, { who, time, why }])),
  });
}
