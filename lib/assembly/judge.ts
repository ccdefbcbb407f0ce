/** From plans to documents and everything that is found in them; nothing is written. */

import {
  type BottlePlan,
  type Finding,
  type HousePlan,
  type Locate,
  type RenderedBottle,
  scopesOf,
} from '../plan/index.ts';
import { renderedBottle } from '../render/index.ts';
import { acknowledge, checkDocuments, houseRuleCheck } from '../rules/index.ts';
import type { Found } from './validation-report.ts';

export interface JudgeInput {
  readonly plans: readonly BottlePlan[];
  /** Of the plans: what lowering and the rules over them report. */
  readonly findings: readonly Finding[];
  /** Where the parts of the plans were declared, by the identity of the part. */
  readonly locations?: ReadonlyMap<object, Locate>;
  /** Rules of the house, and warnings that somebody answers for. */
  readonly house?: HousePlan;
}

export interface Judged {
  /** By slug; without the bottles in which something is an error of the plan. */
  readonly rendered: readonly RenderedBottle[];
  readonly found: Found;
}

export interface Kept<T> {
  /** What was kept of each bottle; which bottles, and in which order: as {@link Judged.rendered}. */
  readonly kept: readonly T[];
  readonly found: Found;
}

const NO_HOUSE: HousePlan = { rules: [], acknowledgements: [], findings: [] };

const bySlug = ({ slug: a }: BottlePlan, { slug: b }: BottlePlan): number => (a < b ? -1 : a > b ? 1 : 0);

/** The constructs in or below which something is an error: a plan of theirs is not fit for rendering. */
const erroneous = (findings: readonly Finding[]): ReadonlySet<string> =>
  new Set(findings.flatMap(({ severity, path }) => (severity === 'error' ? scopesOf(path) : [])));

/**
 * Renders in memory, judges the documents, asks the house, and marks what is acknowledged. One bottle after the other:
 * of each only what `keep` makes of it stays, so that thousands of them fit into memory.
 */
export function judgeEach<T>(input: JudgeInput, keep: (bottle: RenderedBottle) => T): Kept<T> {
  const { plans, locations = new Map<object, Locate>(), house = NO_HOUSE } = input;
  const refused = erroneous(input.findings);
  const houseRules = houseRuleCheck(house.rules, locations);
  const ofDocuments: Finding[] = [];
  const ofHouse: Finding[] = [];
  const fit = plans.filter(({ path }) => !refused.has(path)).sort(bySlug);
  const kept = fit.map((plan) => {
    const bottle = renderedBottle(plan);
    for (const finding of checkDocuments(bottle, locations)) ofDocuments.push(finding);
    for (const finding of houseRules(bottle)) ofHouse.push(finding);
    return keep(bottle);
  });
  const found = [...input.findings, ...ofDocuments, ...house.findings, ...ofHouse];
  const unjudged = plans.map(({ path }) => path).filter((path) => refused.has(path));
  const { findings, acknowledgements } = acknowledge(found, house, unjudged);
  const app = plans[0]?.app ?? '';
  return { kept, found: { app, findings, acknowledgements, houseRules: house.rules } };
}

/** As {@link judgeEach}, and keeps everything. */
export function judge(input: JudgeInput): Judged {
  const { kept: rendered, found } = judgeEach(input, (bottle) => bottle);
  return { rendered, found };
}
