/** Which findings somebody answers for, and which acknowledgements are none. */

import {
  type AcknowledgementPlan,
  type Finding,
  HOUSE_FINDINGS,
  type HousePlan,
  type Location,
  locatedFinding,
  nearest,
  quoted,
  type Severity,
  scopesOf,
} from '../../plan/index.ts';
import { RULE_CATALOG } from '../catalog.ts';
import { HOUSE_RULE_TEXTS } from './texts.ts';

/** An acknowledgement as the report lists it. */
export interface AcknowledgementRecord {
  readonly id: string;
  readonly reason: string;
  /** Construct path of its scope. */
  readonly path: string;
  readonly location?: Location;
  /** How many findings it covers. */
  readonly findings: number;
}

export interface Acknowledged {
  /** Those that were given, in their order, and what is wrong with the acknowledgements. */
  readonly findings: readonly Finding[];
  readonly acknowledgements: readonly AcknowledgementRecord[];
}

/** Longer ids are compared with nothing: they are no misspelling. */
const LONGEST_ID = 100;

function report(rule: keyof typeof HOUSE_FINDINGS, { path, locate }: AcknowledgementPlan, message: string): Finding {
  const text = HOUSE_RULE_TEXTS.find(({ id }) => id === HOUSE_FINDINGS[rule]);
  const { severity = 'error', fix = '' } = text ?? {};
  return locatedFinding({ rule: HOUSE_FINDINGS[rule], severity, path, message, fix }, locate());
}

/** The severity of every rule that there is, by id. */
function knownRules({ rules }: HousePlan): ReadonlyMap<string, Severity> {
  const known = [...RULE_CATALOG.flatMap((family) => family.rules), ...rules];
  return new Map(known.map(({ id, severity }) => [id, severity]));
}

/** What is wrong with the ids: unknown ones, and those of errors. */
function idProblems(house: HousePlan): readonly Finding[] {
  const known = knownRules(house);
  const ids = [...known.keys()];
  const meantBy = new Map<string, string | undefined>();
  const meant = (id: string): string | undefined => {
    if (!meantBy.has(id)) meantBy.set(id, nearest(id, ids) ?? nearest(`bottles::${id}`, ids));
    return meantBy.get(id);
  };
  return house.acknowledgements.flatMap((acknowledgement) => {
    const { id } = acknowledgement;
    const severity = known.get(id);
    if (severity === 'warning') return [];
    if (severity === 'error') {
      return [report('ofError', acknowledgement, `${quoted(id)} is an error; allowed: ids of warnings`)];
    }
    const near = id.length > LONGEST_ID ? undefined : meant(id);
    const hint = near === undefined ? '' : `, did you mean ${quoted(near)}?`;
    return [report('unknown', acknowledgement, `no rule has the id ${quoted(id)}${hint}; allowed: ids of rules`)];
  });
}

/** Acknowledgements of one id at one scope: the first one counts, and all of them are needed if one is. */
interface Place {
  readonly first: AcknowledgementPlan;
  readonly severity: Severity | undefined;
  findings: number;
  isNeeded: boolean;
  meetsError: boolean;
}

type Places = ReadonlyMap<string, Place>;

const placeKey = (id: string, scope: string): string => `${id}\0${scope}`;

function placesOf(house: HousePlan): Places {
  const severities = knownRules(house);
  const places = new Map<string, Place>();
  for (const first of house.acknowledgements) {
    const key = placeKey(first.id, first.path);
    if (places.has(key)) continue;
    const severity = severities.get(first.id);
    places.set(key, { first, severity, findings: 0, isNeeded: false, meetsError: false });
  }
  return places;
}

/** `finding` with the reason of the nearest acknowledgement that holds for it; every one of them is needed then. */
function judged(finding: Finding, places: Places): Finding {
  const holding = scopesOf(finding.path).flatMap((scope) => places.get(placeKey(finding.rule, scope)) ?? []);
  const nearestOne = holding.at(-1);
  if (nearestOne === undefined) return finding;
  for (const place of holding) {
    place.isNeeded = true;
    place.meetsError ||= finding.severity === 'error';
  }
  if (finding.severity === 'error') return finding;
  nearestOne.findings += 1;
  return { ...finding, acknowledged: nearestOne.first.reason };
}

/** A rule that reports errors beside warnings: what the ids alone do not tell. */
const errorsMet = (places: Places): readonly Finding[] =>
  [...places.values()].flatMap(({ first, severity, meetsError }) => {
    if (!meetsError || severity !== 'warning') return [];
    return [
      report('ofError', first, `${quoted(first.id)} meets an error there; allowed: acknowledgements of warnings`),
    ];
  });

/** Tells the scopes that hold, or are in, a bottle that was not judged whole. */
function incompleteScopes(unjudged: readonly string[]): (scope: string) => boolean {
  const bottles = new Set(unjudged);
  const above = new Set(unjudged.flatMap(scopesOf));
  return (scope) => above.has(scope) || scopesOf(scope).some((outer) => bottles.has(outer));
}

/** A finding for each of `acknowledgements` that nothing needed, but where not everything was judged. */
function unused(
  acknowledgements: readonly AcknowledgementPlan[],
  places: Places,
  isIncomplete: (scope: string) => boolean,
): readonly Finding[] {
  return acknowledgements.flatMap((one) => {
    const place = places.get(placeKey(one.id, one.path));
    if (place === undefined || place.isNeeded || place.severity !== 'warning' || isIncomplete(one.path)) return [];
    const where = one.path === '' ? 'in the app' : `at or below ${quoted(one.path)}`;
    return [report('unused', one, `no finding of ${quoted(one.id)} ${where} needs this acknowledgement`)];
  });
}

/**
 * Marks the warnings that somebody answers for. `unjudged` are the construct paths of bottles that were not rendered:
 * an acknowledgement there may be needed by what was not judged.
 */
export function acknowledge(findings: readonly Finding[], house: HousePlan, unjudged: readonly string[]): Acknowledged {
  if (house.acknowledgements.length === 0) return { findings, acknowledgements: [] };
  const places = placesOf(house);
  const marked = findings.map((finding) => judged(finding, places));
  const isIncomplete = incompleteScopes(unjudged);
  // An acknowledgement may be of unused ones: these are looked for last.
  const ofUnused = house.acknowledgements.filter(({ id }) => id === HOUSE_FINDINGS.unused);
  const others = house.acknowledgements.filter(({ id }) => id !== HOUSE_FINDINGS.unused);
  const surplus = unused(others, places, isIncomplete).map((finding) => judged(finding, places));
  return {
    findings: [
      ...marked,
      ...idProblems(house),
      ...errorsMet(places),
      ...surplus,
      ...unused(ofUnused, places, isIncomplete),
    ],
    acknowledgements: house.acknowledgements.map((one) => {
      const { id, reason, path, locate } = one;
      const place = places.get(placeKey(id, path));
      const location = locate();
      const covers = place?.first === one ? place.findings : 0;
      return { id, reason, path, ...(location === undefined ? {} : { location }), findings: covers };
    }),
  };
}
