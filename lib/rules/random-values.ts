/** Values that look random, wherever a definition has text that ends up in the output. */

import { type BottlePlan, credentialIn, type ImagePlan, isCredentialName, quoted } from '../plan/index.ts';
import { looksRandom } from './entropy.ts';
import type { Rule } from './rule.ts';

interface NamedValue {
  /** In words; never the value. */
  readonly what: string;
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly part: object;
}

const buildArguments = (image: ImagePlan, path: string): readonly NamedValue[] =>
  Object.entries(image.kind === 'build' ? image.args : {}).map(([name, value]) => ({
    what: `build argument ${quoted(name)}`,
    name,
    value,
    path,
    part: image,
  }));

function valuesOf(bottle: BottlePlan): readonly NamedValue[] {
  const { path, labels, agent, sidecars } = bottle;
  const variables = [agent, sidecars].flatMap((service) =>
    service.env.flatMap((variable) =>
      variable.kind === 'literal'
        ? [{ what: `variable ${quoted(variable.name)}`, ...variable, path: service.path, part: variable }]
        : [],
    ),
  );
  return [
    ...Object.entries(labels).map(([name, value]) => ({
      what: `label ${quoted(name)}`,
      name,
      value,
      path,
      part: bottle,
    })),
    ...variables,
    ...agent.command.map((value, index) => ({
      what: `command[${index}]`,
      name: '',
      value,
      path: agent.path,
      part: agent,
    })),
    ...buildArguments(agent.image, agent.path),
    ...buildArguments(sidecars.image, sidecars.path),
  ];
}

export const RANDOM_VALUE_RULES: readonly Rule[] = [
  {
    id: 'bottles::secret-entropy',
    severity: 'warning',
    what: 'a label, a literal, an argument of the command or of a build that looks random',
    why: 'credentials without a known form look so, and all of these are written to the output',
    fix: 'put a credential into `auth` of a route by HostEnv.of; acknowledge what is a digest or an id',
    *check(bottle) {
      for (const { what, name, value, path, part } of valuesOf(bottle)) {
        // What is recognized by its form or by its name is the finding of another rule.
        if (credentialIn(value) !== undefined || isCredentialName(name) || !looksRandom(value)) continue;
        yield { path, part, message: `the value of ${what} looks random, as credentials do` };
      }
    },
  },
];
