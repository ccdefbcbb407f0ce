/** From the declared tree to plans: the one door between constructs and everything that decides or renders. */

import type { BottlePlan } from '../bottle-plan.ts';
import type {
  DeclaredAgent,
  DeclaredApp,
  DeclaredBottle,
  DeclaredSidecars,
  Locate,
  MisfitAspect,
} from '../declared.ts';
import type { Finding } from '../finding.ts';
import { listed, quoted } from '../shown.ts';
import { lowerAgent } from './agent.ts';
import { onlyOne } from './only-one.ts';
import { entriesOf, fieldsOf, text, wrongType } from './shape.ts';
import { lowerSidecars } from './sidecars.ts';
import { type Notes, SHAPE_RULES, type Site, siteAt } from './site.ts';
import { sortedBy } from './sorted.ts';

export interface Lowered {
  /** One a bottle, in order of declaration. Fit for rendering only if no finding is an error. */
  readonly plans: readonly BottlePlan[];
  /** What is wrong with the shape of the definition. */
  readonly findings: readonly Finding[];
  /** Where the parts of the plans were declared, by the identity of the part. */
  readonly locations: ReadonlyMap<object, Locate>;
}

const NOT_DECLARED = { props: {}, locate: () => undefined } as const;

function missing(site: Site, what: string, fix: string): void {
  site.report(SHAPE_RULES.exactlyOne, `the bottle has no ${what}; allowed: exactly one`, fix);
}

function theAgent(site: Site, bottle: DeclaredBottle): DeclaredAgent {
  const agent = onlyOne(site, 'Agent', bottle.agents);
  if (agent !== undefined) return agent;
  missing(site, 'agent', "give `agent: {}`, or declare new Agent(bottle, 'Agent')");
  return { ...NOT_DECLARED, path: `${bottle.path}/Agent`, addedEnv: [], addedMounts: [], overrides: [] };
}

function theSidecars(site: Site, bottle: DeclaredBottle): DeclaredSidecars {
  const sidecars = onlyOne(site, 'SidecarBundle', bottle.sidecars);
  if (sidecars !== undefined) return sidecars;
  missing(site, 'sidecar bundle', "give `sidecars: {}`, or declare new SidecarBundle(bottle, 'Sidecars')");
  return {
    ...NOT_DECLARED,
    path: `${bottle.path}/Sidecars`,
    egress: [],
    pipelock: [],
    gitGate: [],
    supervise: [],
    overrides: [],
  };
}

function labelsOf(site: Site, value: unknown): Readonly<Record<string, string>> {
  const labels = entriesOf(site, '`labels`', value).flatMap(([name, label]) => {
    const known = typeof label === 'string' ? label : wrongType(site, `label ${quoted(name)}`, label, 'a text');
    return known === undefined ? [] : [[name, known] as const];
  });
  return Object.fromEntries(sortedBy(labels, ([name]) => name));
}

/** The slug of a bottle: its `slug`, or else its construct id; with the suffix of the context behind it. */
export function slugOf(id: unknown, slug: unknown, suffix: unknown): string {
  const base = typeof slug === 'string' ? slug : typeof id === 'string' ? id : '';
  return typeof suffix === 'string' && suffix !== '' ? `${base}-${suffix}` : base;
}

function lowerBottle(notes: Notes, bottle: DeclaredBottle, app: DeclaredApp): BottlePlan {
  const site = siteAt(notes, bottle.path, bottle.locate);
  const fields = fieldsOf(site, 'the bottle', bottle.props, { allowed: ['slug', 'agent', 'sidecars', 'labels'] });
  const slug = text(site, '`slug`', fields['slug']);
  const agent = theAgent(site, bottle);
  const sidecars = theSidecars(site, bottle);
  return site.declared({
    path: bottle.path,
    slug: slugOf(bottle.id, slug, app.suffix),
    app: app.name,
    labels: labelsOf(site, fields['labels']),
    ...(CONTEXT_FLAG.get(app.requireDigests) === true ? { requireDigests: true as const } : {}),
    agent: lowerAgent(site.construct(agent.path, agent.locate), agent),
    sidecars: lowerSidecars(site.construct(sidecars.path, sidecars.locate), sidecars, app),
  });
}

/** One of its two parts is wrong: `aspect` where `priority` is a number. */
function reportMisfit(notes: Notes, { path, locate, aspect, priority }: MisfitAspect): void {
  const site = siteAt(notes, path, locate);
  if (typeof priority === 'number' && Number.isFinite(priority)) {
    wrongType(site, 'what was given to Aspects.add', aspect, 'an aspect, an object with a method `visit(node)`');
  } else {
    wrongType(site, 'the `priority` given to Aspects.add', priority, 'a finite number such as AspectPriority.MUTATING');
  }
}

/** A flag of the context: on the command line it is a word. */
const CONTEXT_FLAG: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [undefined, false],
  [false, false],
  ['false', false],
  [true, true],
  ['true', true],
]);

function reportTree(notes: Notes, app: DeclaredApp): void {
  const site = siteAt(notes, '', app.locate);
  fieldsOf(site, 'the props of App', app.props, { allowed: ['outdir', 'context'] });
  if (app.suffix !== undefined && typeof app.suffix !== 'string') {
    wrongType(site, "the context value 'suffix'", app.suffix, 'a text');
  }
  if (!CONTEXT_FLAG.has(app.requireDigests)) {
    wrongType(site, "the context value 'requireDigests'", app.requireDigests, 'true or false');
  }
  if (app.bottles.length === 0) {
    site.report(SHAPE_RULES.missing, 'the app declares no bottle', "declare one: new Bottle(app, 'name', { … })");
  }
  for (const { path, locate, what, belongsIn } of app.misplaced) {
    siteAt(notes, path, locate).report(
      SHAPE_RULES.misplaced,
      `${what} ${quoted(path)} is not in ${listed([belongsIn])}, where alone it has a meaning`,
      `declare it with ${belongsIn} as its scope`,
    );
  }
  for (const misfit of app.misfitAspects) reportMisfit(notes, misfit);
}

/** Lowers a declared app. Never throws on what a definition says: everything wrong with it is a finding. */
export function lowerApp(app: DeclaredApp): Lowered {
  const notes: Notes = { findings: [], locations: new Map() };
  reportTree(notes, app);
  const plans = app.bottles.map((bottle) => lowerBottle(notes, bottle, app));
  return { plans, findings: notes.findings, locations: notes.locations };
}
