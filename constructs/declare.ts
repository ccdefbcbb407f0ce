import type { Construct, IConstruct } from 'constructs';
import type {
  DeclaredAgent,
  DeclaredBottle,
  DeclaredDaemon,
  DeclaredHouse,
  DeclaredSidecars,
  MisfitAspect,
  MisplacedConstruct,
} from '../lib/plan/index.ts';
import { Agent } from './agent.ts';
import { Bottle } from './bottle.ts';
import type { DeclaredNode } from './declared-construct.ts';
import { Egress } from './egress.ts';
import { GitGate } from './git-gate.ts';
import { declaredHouse } from './house-rules.ts';
import { Pipelock } from './pipelock.ts';
import { SidecarBundle } from './sidecar-bundle.ts';
import { Supervise } from './supervise.ts';
import { misfitAspects } from './visit-aspects.ts';

export interface DeclaredTree {
  readonly bottles: readonly DeclaredBottle[];
  readonly misplaced: readonly MisplacedConstruct[];
  readonly misfitAspects: readonly MisfitAspect[];
  readonly house: DeclaredHouse;
}

/** A node and all below it, in order of declaration; unlike `Node.findAll` not quadratic for thousands of bottles. */
function* walk(construct: IConstruct): Generator<IConstruct> {
  yield construct;
  for (const child of construct.node.children) yield* walk(child);
}

type ConstructClass<T> = abstract new (...args: never[]) => T;

/** The nearest scope above `construct` of one of our kinds. */
function owner(construct: IConstruct): IConstruct | undefined {
  const kinds = [Bottle, Agent, SidecarBundle];
  return construct.node.scopes
    .slice(0, -1)
    .reverse()
    .find((scope) => kinds.some((kind) => scope instanceof kind));
}

const basics = ({
  node: { path },
  locate,
  props,
}: DeclaredNode): Pick<DeclaredNode, 'locate' | 'props'> & {
  readonly path: string;
} => ({ path, locate, props });

const declaredAgent = (agent: Agent): DeclaredAgent => ({
  ...basics(agent),
  addedEnv: agent.addedEnv,
  addedMounts: agent.addedMounts,
  overrides: agent.overrides,
});

const declaredDaemon = (daemon: Egress | GitGate): DeclaredDaemon => ({ ...basics(daemon), added: daemon.added });

/** The constructs of `kind` below `scope` that belong to it and to nothing in between. */
function owned<T extends Construct>(scope: Construct, kind: ConstructClass<T>): readonly T[] {
  return [...walk(scope)].filter((node): node is T & IConstruct => node instanceof kind && owner(node) === scope);
}

const declaredSidecars = (sidecars: SidecarBundle): DeclaredSidecars => ({
  ...basics(sidecars),
  egress: owned(sidecars, Egress).map(declaredDaemon),
  pipelock: owned(sidecars, Pipelock).map(basics),
  gitGate: owned(sidecars, GitGate).map(declaredDaemon),
  supervise: owned(sidecars, Supervise).map(basics),
  overrides: sidecars.overrides,
});

const declaredBottle = (bottle: Bottle): DeclaredBottle => ({
  ...basics(bottle),
  id: bottle.declaredId,
  agents: owned(bottle, Agent).map(declaredAgent),
  sidecars: owned(bottle, SidecarBundle).map(declaredSidecars),
});

function misplacement(node: IConstruct): MisplacedConstruct | undefined {
  const above = owner(node);
  const misplaced = (declared: DeclaredNode, what: string, belongsIn: string): MisplacedConstruct => ({
    path: declared.node.path,
    locate: declared.locate,
    what,
    belongsIn,
  });
  if (node instanceof Bottle && above !== undefined) return misplaced(node, 'bottle', 'the app');
  const partOfBottle = node instanceof Agent || node instanceof SidecarBundle;
  if (partOfBottle && !(above instanceof Bottle)) return misplaced(node, node.constructor.name, 'a Bottle');
  const daemon =
    node instanceof Egress || node instanceof Pipelock || node instanceof GitGate || node instanceof Supervise;
  if (daemon && !(above instanceof SidecarBundle)) return misplaced(node, node.constructor.name, 'a SidecarBundle');
  return undefined;
}

/** The tree below `root` as plain data for lowering; nothing in it is passed over silently. */
export function declare(root: Construct): DeclaredTree {
  const nodes = [...walk(root)];
  return {
    bottles: nodes.filter((node) => node instanceof Bottle).map(declaredBottle),
    misplaced: nodes.flatMap((node) => misplacement(node) ?? []),
    misfitAspects: nodes.flatMap(misfitAspects),
    house: declaredHouse(nodes),
  };
}
