/** Variables of the services: which come from the host, which from the operator, which are literals. */

import { AGENT_SERVICE, BOTTLE_FILE, plainText } from '../../plan/index.ts';
import { changes, family, moved, type Part, type Said } from '../family.ts';
import { servicesOf, theService } from '../services.ts';
import { looksSecret, named, nowAndThen, shownLiteral } from '../shown.ts';
import { asText, type Entries, isEntries, MANIFEST, type Side, taken, takenFrom, within } from '../side.ts';

type Origin =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'host'; readonly from: string }
  | { readonly kind: 'ask'; readonly question: string }
  /** Text with variables of the deploying environment in it. */
  | { readonly kind: 'mixed'; readonly from: readonly string[]; readonly value: string };

interface Variable {
  readonly service: string;
  readonly name: string;
  readonly origin: Origin;
}

/** Variables that compose takes from its environment; `$$` is a dollar sign (compose specification, "Interpolation"). */
const interpolated = (text: string): readonly string[] =>
  [...text.replaceAll('$$', '').matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => name);

function originOf(value: string | undefined, name: string, question: string | undefined): Origin {
  if (question !== undefined) return { kind: 'ask', question };
  if (value === undefined) return { kind: 'host', from: name };
  const whole = /^\$\{([A-Za-z_]\w*)\}$/.exec(value)?.[1];
  if (whole !== undefined) return { kind: 'host', from: whole };
  const from = interpolated(value);
  return from.length > 0 ? { kind: 'mixed', from, value } : { kind: 'literal', value: plainText(value) };
}

/** `NAME`, `NAME=value` or, by an override, a mapping. */
function entriesOf(service: Entries): readonly (readonly [name: string, value: string | undefined])[] {
  const environment = service['environment'];
  if (isEntries(environment)) {
    return Object.entries(taken(service, 'environment') as Entries).map(([name, value]) => [
      name,
      value === null ? undefined : String(value),
    ]);
  }
  return takenFrom(service, 'environment', asText).map((entry) => {
    const at = entry.indexOf('=');
    return at === -1 ? [entry, undefined] : [entry.slice(0, at), entry.slice(at + 1)];
  });
}

function questionsOf(side: Side): (service: string, name: string) => string | undefined {
  const answers = takenFrom(within(side.manifest, 'requires'), 'answers', (one) => (isEntries(one) ? one : undefined));
  return (service, name) => {
    const owner = service === AGENT_SERVICE ? 'agent' : 'sidecars';
    return asText(answers.find((one) => one['owner'] === owner && one['name'] === name)?.['question']);
  };
}

function read(side: Side): ReadonlyMap<string, Part<Variable>> {
  const questionOf = questionsOf(side);
  const found = new Map<string, Part<Variable>>();
  for (const [service, entries] of servicesOf(side)) {
    for (const [name, value] of entriesOf(entries)) {
      const origin = originOf(value, name, questionOf(service, name));
      let key = `${service} ${name}`;
      while (found.has(key)) key += ' again';
      found.set(key, { value: { service, name, origin }, files: [BOTTLE_FILE.compose, MANIFEST] });
    }
  }
  return found;
}

function hostVariables({ service, name, origin }: Variable): readonly Omit<Said, 'effect'>[] {
  const words = (from: string): string =>
    `host variable ${named(from)} to ${theService(service)}${from === name ? '' : ` as ${named(name)}`}`;
  switch (origin.kind) {
    case 'host':
      return [{ kind: 'env', subject: name, text: words(origin.from) }];
    case 'mixed':
      return origin.from.map((from) => ({ kind: 'env', subject: name, text: words(from) }));
    case 'ask':
      return [
        { kind: 'env', subject: name, text: `what the operator answers, to ${theService(service)} as ${named(name)}` },
      ];
    case 'literal':
      return [];
  }
}

function shownOrigin({ name, origin }: Variable): string {
  switch (origin.kind) {
    case 'host':
      return `the host's ${named(origin.from)}`;
    case 'ask':
      return `asked for at deploy (${named(origin.question)})`;
    case 'literal':
    case 'mixed':
      return shownLiteral(name, origin.value);
  }
}

/** How values differ that look alike, as far as they are shown. */
function tail(name: string, before: Variable | undefined, after: Variable | undefined): string {
  const [old, now] = [before, after].map((one) => (one?.origin.kind === 'literal' ? one.origin.value : undefined));
  const isHidden = old === undefined || now === undefined || looksSecret(name, old) || looksSecret(name, now);
  return isHidden ? 'another value, not shown' : nowAndThen(name, old, now);
}

function describe(_key: string, before: Variable | undefined, after: Variable | undefined): readonly Said[] {
  const one = after ?? before;
  if (one === undefined) return [];
  const { service, name } = one;
  const open = moved(
    before === undefined ? [] : hostVariables(before),
    after === undefined ? [] : hostVariables(after),
    (said) => said,
  );
  const what = `variable ${named(name)} of ${theService(service)}`;
  const [old, now] = [before, after].map((variable) => (variable === undefined ? 'unset' : shownOrigin(variable)));
  if (open.length > 0 && (before === undefined || after === undefined)) return open;
  return [...open, changes('env', name, `${what}: ${old === now ? tail(name, before, after) : `${now}, was ${old}`}`)];
}

export const environment = family<Variable>({ kind: 'env', read, describe });
