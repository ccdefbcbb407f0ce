/** The credentials that the sidecars hold, by the names of the host variables that they come from. */

import { isDeepStrictEqual } from 'node:util';
import { AGENT_SERVICE, BOTTLE_FILE, PLACEHOLDER } from '../../plan/index.ts';
import { changes, closes, family, opens, type Part, type Said, TOLD } from '../family.ts';
import { servicesOf } from '../services.ts';
import { named, namesOf } from '../shown.ts';
import { asText, MANIFEST, type Side, taken, takenFrom, within } from '../side.ts';

interface Held {
  readonly slots: readonly string[];
  /** The services whose environment has the slot. */
  readonly services: readonly string[];
  /** Whether a proposal may name it; undefined: there is nobody to propose to. */
  readonly isNameable: boolean | undefined;
  /** Whether the agent has a word in its place, for clients that insist on one. */
  readonly hasPlaceholder: boolean;
}

const SLOT = /^EGRESS_TOKEN_\d+$/;

function read(side: Side): ReadonlyMap<string, Part<Held>> {
  taken(within(side.manifest, 'requires'), 'tokens');
  const slots = new Map<string, string[]>();
  for (const [service, entries] of servicesOf(side)) {
    const held = takenFrom(entries, 'environment', (entry) =>
      typeof entry === 'string' && SLOT.test(entry) ? entry : undefined,
    );
    for (const slot of held) slots.set(slot, [...(slots.get(slot) ?? []), service]);
  }
  const agent = servicesOf(side).get(AGENT_SERVICE) ?? {};
  const known = new Set([...side.tokens.values()]);
  const placeholders = takenFrom(agent, 'environment', (entry) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(typeof entry === 'string' ? entry : '') ?? [];
    return name !== undefined && value === PLACEHOLDER && known.has(name) ? name : undefined;
  });
  const nameable = takenFrom(side.documents[BOTTLE_FILE.supervise] ?? {}, 'credentials', asText);
  const nameOf = (slot: string): string => side.tokens.get(slot) ?? slot;
  const names = new Set([...known, ...[...slots.keys()].map(nameOf), ...nameable]);
  return new Map(
    [...names].map((name) => {
      const own = [...new Set([...side.tokens.keys(), ...slots.keys()])].filter((slot) => nameOf(slot) === name);
      const value = {
        slots: own,
        services: [...new Set(own.flatMap((slot) => slots.get(slot) ?? []))],
        isNameable: side.documents[BOTTLE_FILE.supervise] === undefined ? undefined : nameable.includes(name),
        hasPlaceholder: placeholders.includes(name),
      };
      return [name, { value, files: [BOTTLE_FILE.compose, BOTTLE_FILE.supervise, MANIFEST] }];
    }),
  );
}

function describe(name: string, before: Held | undefined, after: Held | undefined): readonly Said[] | typeof TOLD {
  const text = `credential ${named(name)} in the sidecars`;
  const [had, has] = [before !== undefined && before.slots.length > 0, after !== undefined && after.slots.length > 0];
  if (has && !had) return [opens('credential', name, text)];
  if (had && !has) return [closes('credential', name, text)];
  if (before === undefined || after === undefined) return [];
  const slots = (held: Held): string => namesOf(held.slots);
  // The coming or going of supervise says the rest.
  const isOfSupervise = before.isNameable === undefined || after.isNameable === undefined;
  const said = [
    ...(slots(before) === slots(after)
      ? []
      : [changes('credential', name, `credential ${named(name)}: in slot ${slots(after)}, was in ${slots(before)}`)]),
    ...(isOfSupervise || before.isNameable === after.isNameable
      ? []
      : [
          changes(
            'supervise',
            name,
            `credential ${named(name)}: ${after.isNameable ? 'a' : 'no'} proposal may name it`,
          ),
        ]),
  ];
  const isOtherwiseSame = isDeepStrictEqual({ ...before, isNameable: undefined }, { ...after, isNameable: undefined });
  return said.length === 0 && isOfSupervise && isOtherwiseSame ? TOLD : said;
}

export const credentials = family<Held>({ kind: 'credential', read, describe });
