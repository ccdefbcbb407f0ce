/** What the containers are made from. */

import { isDeepStrictEqual } from 'node:util';
import { AGENT_SERVICE, BOTTLE_FILE } from '../../plan/index.ts';
import { changes, family, type Part } from '../family.ts';
import { servicesOf } from '../services.ts';
import { named, namesOf } from '../shown.ts';
import { type Entries, isEntries, MANIFEST, type Side, taken, within } from '../side.ts';

interface Image {
  /** As the services name it. */
  readonly references: readonly string[];
  /** The same by service. */
  readonly services: Entries;
  /** As the manifest has it, for whoever builds it. */
  readonly plan: Entries;
}

function read(side: Side): ReadonlyMap<string, Part<Image>> {
  if (!side.exists) return new Map();
  const all = [...servicesOf(side)].map(([service, entries]) => ({ service, reference: taken(entries, 'image') }));
  const images = within(within(side.manifest, 'requires'), 'images');
  return new Map(
    (['agent', 'sidecars'] as const).map((whose) => {
      const own = all.filter(({ service }) => (service === AGENT_SERVICE) === (whose === 'agent'));
      const references = [
        ...new Set(own.flatMap(({ reference }) => (reference === undefined ? [] : [String(reference)]))),
      ];
      const plan = taken(images, whose);
      const services = Object.fromEntries(own.map(({ service, reference }) => [service, reference]));
      return [
        whose,
        { value: { references, services, plan: isEntries(plan) ? plan : {} }, files: [BOTTLE_FILE.compose, MANIFEST] },
      ];
    }),
  );
}

function words({ references, plan }: Image): string {
  switch (plan['kind']) {
    case 'default':
      return `this project's own`;
    case 'claudeCode':
      return `Claude Code ${plan['version'] === undefined ? 'of this release' : named(String(plan['version']))}`;
    case 'build': {
      const file = plan['dockerfile'] === undefined ? '' : `, ${named(String(plan['dockerfile']))}`;
      const args = isEntries(plan['args']) ? Object.keys(plan['args']) : [];
      return `built from ${named(String(plan['context']))}${file}${args.length === 0 ? '' : `, arguments ${namesOf(args)}`}`;
    }
    default:
      return namesOf(references);
  }
}

export const images = family<Image>({
  kind: 'image',
  read,
  describe: (whose, before, after) => {
    if (before === undefined || after === undefined) return [];
    const [old, now] = [words(before), words(after)];
    const isSame = isDeepStrictEqual([before.plan, before.references], [after.plan, after.references]);
    const what = isSame
      ? `${now}, not in every service`
      : isDeepStrictEqual(before.plan, after.plan)
        ? `${namesOf(after.references)}, was ${namesOf(before.references)}`
        : old === now
          ? `${now}, with other build arguments`
          : `${now}, was ${old}`;
    return [changes('image', whose, `image of ${whose === 'agent' ? 'the agent' : 'the sidecars'}: ${what}`)];
  },
});
