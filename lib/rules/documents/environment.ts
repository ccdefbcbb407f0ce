/** Variables in the final document: who may have which. What a definition may declare is judged by the rules over plans. */

import {
  AGENT_SERVICE,
  credentialIn,
  type EnvPlan,
  isInterpolated,
  isProxyVariable,
  isTokenVariable,
  plainText,
  quoted,
  type RenderedBottle,
  tokenSlotName,
  UNKNOWN_PROJECT,
} from '../../plan/index.ts';
import { fieldsOf, textOf, textsOf } from '../../topology/compose-values.ts';
import { appView } from '../app-view.ts';
import type { DocumentBreach, DocumentRule } from '../document-rule.ts';
import { agentReserved, ENV_RULES } from '../env.ts';
import type { Breach } from '../rule.ts';
import { changedServices, type JudgedService, judgedServices, pointerTo, same } from './services.ts';
import { textsIn, wholeVariable } from './text.ts';

/** A variable of a service; without a value it is taken from the environment of whoever deploys. */
interface Variable {
  readonly name: string;
  readonly value?: string;
  /** Key or index in `environment`. */
  readonly place: string | number;
}

/** The variables of a service, whether a list or a mapping says them. */
function variablesOf({ environment }: JudgedService['service']): readonly Variable[] {
  if (Array.isArray(environment)) {
    return environment.flatMap((entry, place) =>
      textsOf(entry).map((text) => {
        const split = text.indexOf('=');
        return split === -1
          ? { name: text, place }
          : { name: text.slice(0, split), value: text.slice(split + 1), place };
      }),
    );
  }
  return Object.entries(fieldsOf(environment)).map(([name, value]) => {
    const text = textOf(value);
    return { name, place: name, ...(text === undefined ? {} : { value: text }) };
  });
}

const pointerAt = (service: string, { place }: Variable): string =>
  pointerTo('services', service, 'environment', place);

const entryOf = ({ name, value }: Variable): string => (value === undefined ? name : `${name}=${value}`);

/** The variables of `judged` that synth did not write so. */
function changedVariables({ service, plain }: JudgedService): readonly Variable[] {
  const was = new Set(variablesOf(plain ?? {}).map(entryOf));
  return variablesOf(service).filter((variable) => !was.has(entryOf(variable)));
}

/** The variables of synth's that `judged` no longer has. */
function goneVariables({ service, plain }: JudgedService): readonly string[] {
  const now = new Set(variablesOf(service).map((variable) => variable.name));
  return variablesOf(plain ?? {}).flatMap((variable) => (now.has(variable.name) ? [] : [variable.name]));
}

/** As a definition would have declared it; undefined where it could not. */
function declared({ name, value }: Variable): EnvPlan | undefined {
  if (value === undefined) return { kind: 'host', name, from: name };
  const from = wholeVariable(value);
  if (from !== undefined) return { kind: 'host', name, from };
  return isInterpolated(value) ? undefined : { kind: 'literal', name, value: plainText(value) };
}

/** Rules over plans that a rule of this file takes the place of. */
const SAID_HERE = ['bottles::env-token-name', 'bottles::env-proxy-on-agent', 'bottles::env-reserved'];

/** What the rules over plans say of the agent's variables that an override makes. */
function* declaredBreaches(bottle: RenderedBottle, severity: 'error' | 'warning'): Iterable<DocumentBreach> {
  const agent = changedServices(bottle).find(({ isAgent }) => isAgent);
  if (agent === undefined || same(agent.service['environment'], agent.plain['environment'])) return;
  const { plan } = bottle;
  const pointers = new Map<object | undefined, string>();
  const env = changedVariables(agent).flatMap((variable) => {
    const one = declared(variable);
    if (one === undefined) return [];
    pointers.set(one, pointerAt(AGENT_SERVICE, variable));
    return [one];
  });
  const derived = { ...plan, agent: { ...plan.agent, env }, sidecars: { ...plan.sidecars, env: [] } };
  const view = appView([derived], UNKNOWN_PROJECT, new Map());
  for (const rule of ENV_RULES) {
    if (rule.severity !== severity || SAID_HERE.includes(rule.id)) continue;
    for (const { part, message, fix = rule.fix } of rule.check(derived, view) as Iterable<Breach>) {
      const pointer = pointers.get(part);
      if (pointer !== undefined) yield { pointer, message, fix };
    }
  }
}

export const ENVIRONMENT_RULES: readonly DocumentRule[] = [
  {
    id: 'bottles::token-misplaced',
    severity: 'error',
    what: 'a token slot of egress outside of the container that runs egress, with a value, or one that no route has',
    why: 'the slots carry the real credentials: who has one has the credential',
    fix: 'remove it; a credential belongs in `auth` of a route',
    *check(bottle) {
      const { egress, daemons, shape } = bottle.plan.sidecars;
      const slots = (egress?.tokens ?? []).map((_, slot) => tokenSlotName(slot));
      const home = daemons.includes('egress') ? (shape === 'bundle' ? 'sidecars' : 'egress') : undefined;
      for (const { name, service } of judgedServices(bottle)) {
        for (const variable of variablesOf(service)) {
          const { name: called, value = '' } = variable;
          const named = isTokenVariable(called);
          if (!named && !(/EGRESS_TOKEN_/i.test(value) && isInterpolated(value))) continue;
          if (named && name === home && variable.value === undefined && slots.includes(called)) continue;
          yield {
            pointer: pointerAt(name, variable),
            message: `variable ${quoted(called)} of service ${quoted(name)} carries a token slot; allowed: the bare names of the slots, on ${quoted(home ?? 'egress')}`,
          };
        }
      }
    },
  },
  {
    id: 'bottles::proxy-on-sidecar',
    severity: 'error',
    what: 'a proxy variable on a sidecar, in any letter case',
    why: "git-gate's fetches would be pushed through pipelock, which does not speak SSH and intercepts hosts that are on no list",
    fix: 'remove it: egress sets its own for mitmdump alone',
    *check(bottle) {
      for (const { name, service, isAgent } of judgedServices(bottle)) {
        if (isAgent) continue;
        for (const variable of variablesOf(service)) {
          if (!isProxyVariable(variable.name)) continue;
          yield {
            pointer: pointerAt(name, variable),
            message: `variable ${quoted(variable.name)} is on service ${quoted(name)}; allowed: no proxy variable in any letter case`,
          };
        }
      }
    },
  },
  {
    id: 'bottles::sidecar-environment',
    severity: 'error',
    what: 'a variable of a sidecar that an override changes, adds or takes away',
    why: 'they say which daemons run, whom egress trusts and where its upstream is; others reach no daemon',
    fix: 'remove it; use `sidecars.env` for LANG, and the props of the daemons for the rest',
    *check(bottle) {
      for (const judged of changedServices(bottle)) {
        if (judged.isAgent) continue;
        const { name } = judged;
        for (const variable of changedVariables(judged)) {
          if (isProxyVariable(variable.name) || isTokenVariable(variable.name)) continue;
          yield {
            pointer: pointerAt(name, variable),
            message: `variable ${quoted(variable.name)} of service ${quoted(name)} is not as synth writes it; allowed: the bottle's own`,
          };
        }
        for (const variable of goneVariables(judged)) {
          yield {
            pointer: pointerTo('services', name, 'environment'),
            message: `variable ${quoted(variable)} of service ${quoted(name)} is taken away; allowed: the bottle's own`,
          };
        }
      }
    },
  },
  {
    id: 'bottles::agent-variable-ours',
    severity: 'error',
    what: 'a variable of the agent that is the bottle’s and that an override changes or takes away: proxies, trust, placeholders',
    why: 'the agent would be cut off, or try past the proxies and trust whom the bottle does not',
    fix: 'remove it; declare a route for what it was to reach, `trustedCAs` for whom to trust',
    *check(bottle) {
      const agent = changedServices(bottle).find(({ isAgent }) => isAgent);
      if (agent === undefined) return;
      for (const variable of changedVariables(agent)) {
        if (!isProxyVariable(variable.name) && !agentReserved(variable.name)) continue;
        yield {
          pointer: pointerAt(AGENT_SERVICE, variable),
          message: `variable ${quoted(variable.name)} of the agent is set by the bottle; allowed: no other value, in no letter case`,
        };
      }
      const users = new Set(bottle.plan.agent.env.map(({ name }) => name));
      for (const name of goneVariables(agent)) {
        if (users.has(name)) continue;
        yield {
          pointer: pointerTo('services', AGENT_SERVICE, 'environment'),
          message: `variable ${quoted(name)} of the agent is taken away; allowed: those of \`agent.env\` only`,
        };
      }
    },
  },
  {
    id: 'bottles::agent-variable',
    severity: 'error',
    what: 'a variable of the agent that no definition could declare either: a credential by value, or that of a route',
    why: 'the agent never holds a credential, and the output is meant to be read and committed',
    fix: 'use `agent.env`, or `auth` of a route for a credential',
    check: (bottle) => declaredBreaches(bottle, 'error'),
  },
  {
    id: 'bottles::agent-variable-credential',
    severity: 'warning',
    what: 'a host variable that by its name is a credential, forwarded to the agent by an override',
    why: 'whatever the agent holds it can send to any host that it may reach',
    fix: 'if a route can inject it, use `auth` of the route instead',
    check: (bottle) => declaredBreaches(bottle, 'warning'),
  },
  {
    id: 'bottles::interpolated-text',
    severity: 'error',
    what: 'a text of an override in which compose would put variables of the host',
    why: 'the environment of who deploys holds the credentials of the routes, and a default hides what is deployed',
    fix: 'write `$$` for a dollar sign; use `EnvValue.fromHost` in `agent.env` for a variable of the host',
    *check({ compose, plain }) {
      if (compose === plain) return;
      const ours = new Set([...textsIn(plain)].flatMap(({ text }) => (isInterpolated(text) ? [text] : [])));
      for (const { text, place } of textsIn(compose)) {
        if (!isInterpolated(text) || ours.has(text)) continue;
        const [, service, key] = place;
        const forwarded = place[0] === 'services' && service === AGENT_SERVICE && key === 'environment';
        const value = typeof place[3] === 'number' ? text.slice(text.indexOf('=') + 1) : text;
        if (forwarded && wholeVariable(value) !== undefined) continue;
        yield {
          pointer: pointerTo(...place),
          message: `${quoted(text)} is interpolated by compose; allowed: '\${NAME}' as the whole value of a variable of the agent`,
        };
      }
    },
  },
  {
    id: 'bottles::document-secret',
    severity: 'error',
    what: 'a text of an override that looks like a credential',
    why: 'the output is meant to be read, compared and committed, and labels and commands are shown to everyone on the host',
    fix: 'put it into `auth` of a route by HostEnv.of, and replace the credential where it was issued',
    *check({ compose, plain }) {
      if (compose === plain) return;
      const ours = new Set([...textsIn(plain)].map(({ text }) => text));
      for (const { text, place } of textsIn(compose)) {
        // Of the agent's variables the rule over literals has said it already.
        const said = place[0] === 'services' && place[1] === AGENT_SERVICE && place[2] === 'environment';
        if (said || ours.has(text)) continue;
        const kind = credentialIn(text);
        if (kind === undefined) continue;
        yield { pointer: pointerTo(...place), message: `a text looks like ${kind}; allowed: no credential` };
      }
    },
  },
];
