/** What manifests refer to and do not hold: made by deploy from the host's variables and files, or by hand. */

import { type BottlePlan, type EnvPlan, gitKeyFile, SECRET_FILE, tokenSlotName } from '../../plan/index.ts';
import { agentRootsKey } from './agent-files.ts';
import { trustedCasKey, trustIsGiven } from './config-maps.ts';
import { configName, secretName } from './names.ts';

/** Where the value of a key comes from. */
export type GivenSource =
  /** A variable of the deploying host. */
  | { readonly kind: 'variable'; readonly name: string }
  /** The answer to a question. */
  | { readonly kind: 'answer'; readonly question: string }
  /** A private key on the deploying host, path as spelled. */
  | { readonly kind: 'file'; readonly path: string }
  /** Made from the CAs that deploy mints, and from `trustedCAs`. */
  | { readonly kind: 'certificates' };

export interface GivenObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly keys: Readonly<Record<string, GivenSource>>;
}

type Keys = readonly (readonly [string, GivenSource])[];

const CERTIFICATES: GivenSource = { kind: 'certificates' };

/** Where a variable's value comes from; undefined for a literal, which is rendered. */
function sourceOf(variable: EnvPlan): GivenSource | undefined {
  switch (variable.kind) {
    case 'literal':
      return undefined;
    case 'host':
      return { kind: 'variable', name: variable.from };
    case 'ask':
      return { kind: 'answer', question: variable.question };
  }
}

const declaredKeys = (env: readonly EnvPlan[]): Keys =>
  env.flatMap((variable): Keys => {
    const source = sourceOf(variable);
    return source === undefined ? [] : [[variable.name, source]];
  });

function secretKeys({ agent, sidecars }: BottlePlan): readonly (readonly [Parameters<typeof secretName>[0], Keys])[] {
  const { egress, gitGate } = sidecars;
  return [
    [
      'egress',
      egress === undefined
        ? []
        : [
            [SECRET_FILE.mitmproxyCa, CERTIFICATES],
            [SECRET_FILE.pipelockCa, CERTIFICATES],
          ],
    ],
    [
      'pipelock',
      [
        [SECRET_FILE.pipelockCert, CERTIFICATES],
        [SECRET_FILE.pipelockKey, CERTIFICATES],
      ],
    ],
    [
      'git-gate',
      (gitGate?.remotes ?? []).map((one) => [gitKeyFile(one.name), { kind: 'file', path: one.identityFile }]),
    ],
    ['tokens', (egress?.tokens ?? []).map((name, slot) => [tokenSlotName(slot), { kind: 'variable', name }])],
    ['sidecars', declaredKeys(sidecars.env)],
    ['agent', declaredKeys(agent.env)],
  ];
}

/** Every object that has to be there before the pods can start, with its keys; in a stable order. */
export function givenObjects(plan: BottlePlan): readonly GivenObject[] {
  const { slug } = plan;
  const secrets = secretKeys(plan).map(([owner, keys]) => ({
    kind: 'Secret' as const,
    name: secretName(owner, slug),
    keys,
  }));
  const configs = [
    ...(trustIsGiven(plan) ? [{ name: configName('trust', slug), keys: [[trustedCasKey, CERTIFICATES]] as Keys }] : []),
    { name: configName('roots', slug), keys: [[agentRootsKey, CERTIFICATES]] as Keys },
  ].map((config) => ({ kind: 'ConfigMap' as const, ...config }));
  return [...secrets, ...configs]
    .filter(({ keys }) => keys.length > 0)
    .map((object) => ({ ...object, keys: Object.fromEntries(object.keys) }));
}
