/** What a rule of the house says of one bottle, read as what it may be: anything. */

import {
  type BottleView,
  type HouseBreach,
  type HouseRulePlan,
  isWithin,
  LONGEST_TEXT,
  listed,
  nearest,
  quoted,
  shortened,
  typeName,
  withoutCredentials,
} from '../../plan/index.ts';

/** A rule that goes on and on would never let synth end. */
export const MOST_BREACHES = 1_000;

const KEYS = ['message', 'path', 'part', 'fix', 'artifact', 'pointer'] as const;

/** Either what is wrong in the bottle, or what is wrong with the rule. */
export type Said = { readonly breach: HouseBreach } | { readonly problem: string };

/** What a rule gave is no breach; the message is ours. */
class MalformedBreach extends Error {}

/** One line without credentials, of a length that can be shown. What is cut off at first may end in half a credential. */
const presentable = (text: string): string =>
  shortened(
    withoutCredentials(text.slice(0, 2 * LONGEST_TEXT))
      .replace(/\s+/g, ' ')
      .trim(),
  );

const problem = (text: string): Said => ({ problem: text });

function thrown(reason: unknown): string {
  try {
    const text = reason instanceof Error ? reason.message : String(reason);
    return `threw ${quoted(text)}`;
  } catch {
    return 'threw something that cannot be shown';
  }
}

/** A text that must be there where `needed`, else may be absent. Throws on anything else. */
function textOf(value: unknown, name: string, needed: boolean): string | undefined {
  if (value === undefined && !needed) return undefined;
  if (typeof value === 'string' && (!needed || value.trim() !== '')) return value;
  throw new MalformedBreach(`\`${name}\` of a breach is ${typeName(value)}; allowed: a text`);
}

function fileOf(bottle: BottleView, artifact: string | undefined): string | undefined {
  if (artifact === undefined || Object.hasOwn(bottle.files, artifact)) return artifact;
  const files = Object.keys(bottle.files);
  const meant = nearest(artifact, files);
  const allowed = meant === undefined ? listed(files) : `the files of the bottle, such as ${meant}`;
  throw new MalformedBreach(`\`artifact\` of a breach is ${quoted(artifact)}; allowed: ${allowed}`);
}

function breachOf(raw: unknown, bottle: BottleView): HouseBreach {
  if (typeof raw !== 'object' || raw === null)
    throw new MalformedBreach(`a breach is ${typeName(raw)}; allowed: an object`);
  const unknown = Object.keys(raw).find((key) => !KEYS.some((known) => known === key));
  if (unknown !== undefined) {
    throw new MalformedBreach(`a breach has the unknown key ${quoted(unknown)}; allowed: ${listed(KEYS)}`);
  }
  const { part, ...given } = raw as Readonly<Record<(typeof KEYS)[number], unknown>>;
  const message = presentable(textOf(given.message, 'message', true) ?? '');
  const fix = textOf(given.fix, 'fix', false);
  const path = textOf(given.path, 'path', false);
  if (path !== undefined && !isWithin(path, bottle.plan.path)) {
    throw new MalformedBreach(
      `\`path\` of a breach is ${quoted(path)}; allowed: ${quoted(bottle.plan.path)}, or a construct below it`,
    );
  }
  const artifact = fileOf(bottle, textOf(given.artifact, 'artifact', false));
  const pointer = textOf(given.pointer, 'pointer', false);
  if (pointer !== undefined && pointer !== '' && !pointer.startsWith('/')) {
    throw new MalformedBreach(
      `\`pointer\` of a breach is ${quoted(pointer)}; allowed: a JSON pointer such as '/services/agent'`,
    );
  }
  return {
    message,
    ...(typeof part === 'object' && part !== null ? { part } : {}),
    ...(fix === undefined ? {} : { fix: presentable(fix) }),
    ...(path === undefined ? {} : { path }),
    ...(artifact === undefined ? {} : { artifact }),
    ...(pointer === undefined ? {} : { pointer }),
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** A promise that nobody waits for must not end the process when it is rejected. */
function forget(promise: PromiseLike<unknown>): void {
  if (promise instanceof Promise) promise.catch(() => {});
}

function iterableOf(answer: unknown): Iterable<unknown> | string {
  if (isThenable(answer)) {
    forget(answer);
    return 'returned a promise; allowed: a list of breaches, at once. Rules are synchronous: fetch what a rule needs before app.synth()';
  }
  const iterable = typeof answer === 'object' && answer !== null && Symbol.iterator in answer;
  return iterable ? (answer as Iterable<unknown>) : `returned ${typeName(answer)}; allowed: a list of breaches`;
}

/** Asks `rule` about `bottle`. Never throws; a rule that fails in the middle keeps what it said before. */
export function saidBreaches(rule: HouseRulePlan, bottle: BottleView): readonly Said[] {
  const said: Said[] = [];
  try {
    const answer = iterableOf(rule.ask(bottle));
    if (typeof answer === 'string') return [problem(answer)];
    for (const raw of answer) {
      if (said.length === MOST_BREACHES) {
        said.push(problem(`found more than ${MOST_BREACHES} breaches, of which the first are shown`));
        break;
      }
      if (isThenable(raw)) forget(raw);
      said.push({ breach: breachOf(raw, bottle) });
    }
  } catch (reason) {
    said.push(problem(reason instanceof MalformedBreach ? reason.message : thrown(reason)));
  }
  return said;
}
