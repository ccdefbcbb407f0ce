/** Environment variables: who may have which. */

import {
  type BottlePlan,
  credentialIn,
  ENV_NAME,
  type EnvPlan,
  isCredentialName,
  isProxyVariable,
  isTokenVariable,
  listed,
  quoted,
  TRUST_VARIABLES,
} from '../plan/index.ts';
import type { Breach, Rule } from './rule.ts';

export interface DeclaredVariable {
  readonly service: 'the agent' | 'the bundle';
  readonly path: string;
  readonly variable: EnvPlan;
}

export function declaredIn({ agent, sidecars }: BottlePlan): readonly DeclaredVariable[] {
  return [
    ...agent.env.map((variable) => ({ service: 'the agent', path: agent.path, variable }) as const),
    ...sidecars.env.map((variable) => ({ service: 'the bundle', path: sidecars.path, variable }) as const),
  ];
}

export const variableBreach = ({ path, variable }: DeclaredVariable, message: string): Breach => ({
  path,
  part: variable,
  message,
});

/** Values of a variable with a credential's name that give nothing away. */
const HARMLESS = new Set(['', 'placeholder', 'true', 'false', 'none']);

/** Names that the bundle's own programs read: the loader, the runtimes, git, ssh and our daemons. */
const BUNDLE_RESERVED =
  /^(?:PATH|HOME|USER|SHELL|ENV|BASH_ENV|IFS|LD_.*|NODE_.*|PYTHON.*|GIT_.*|SSH_.*|SSL_.*|OPENSSL_.*|REQUESTS_.*|CURL_.*|MITMPROXY_.*|PIPELOCK_.*|GITLEAKS_.*|TINI_.*|EGRESS_.*|SUPERVISE_.*|CLAUDE_BOTTLE_.*)$/i;

/** Whether a host keeps the URL of its proxy under this name, in which user and password may be. */
const namesProxy = (name: string): boolean => /(?:^|_)proxy(?:_ur[il])?$/i.test(name) && !/^no_proxy$/i.test(name);

/** Whether the value of such a name in the agent is ours. */
export const agentReserved = (name: string): boolean =>
  TRUST_VARIABLES.some((variable) => variable === name.toUpperCase()) ||
  /^(?:CLAUDE_BOTTLE_.*|GIT_CONFIG_(?:NO)?SYSTEM)$/i.test(name);

/** The host variables that egress injects. */
const credentialsOf = ({ sidecars }: BottlePlan): readonly string[] => sidecars.egress?.tokens ?? [];

export const ENV_RULES: readonly Rule[] = [
  {
    id: 'bottles::env-name',
    severity: 'error',
    what: 'a variable whose name is no POSIX name',
    why: 'a shell, compose or the engine would read it as something else',
    fix: 'use letters, digits and underscores, not beginning with a digit',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        const names = variable.kind === 'host' ? [variable.name, variable.from] : [variable.name];
        for (const name of new Set(names)) {
          if (ENV_NAME.test(name)) continue;
          yield variableBreach(
            declared,
            `variable name ${quoted(name)} of ${service} is malformed; allowed: ${ENV_NAME.source}`,
          );
        }
      }
    },
  },
  {
    id: 'bottles::env-value-text',
    severity: 'error',
    what: 'a literal with a NUL character or a line break',
    why: 'an environment cannot hold the first, and the second ends an entry of an environment file',
    fix: 'put the text into a file of the workspace',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        if (variable.kind !== 'literal' || !/[\0\r\n]/.test(variable.value)) continue;
        yield variableBreach(
          declared,
          `variable ${quoted(variable.name)} of ${service} holds a NUL or a line break; allowed: one line`,
        );
      }
    },
  },
  {
    id: 'bottles::env-proxy-on-bundle',
    severity: 'error',
    what: 'a proxy variable on the bundle, in any letter case, literal or from the host',
    why: "git-gate's fetches would be pushed through pipelock, which does not speak SSH and intercepts hosts that are on no list",
    fix: 'remove it: egress sets its own for mitmdump alone',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        if (declared.service !== 'the bundle' || !isProxyVariable(declared.variable.name)) continue;
        yield variableBreach(
          declared,
          `variable ${quoted(declared.variable.name)} is on the bundle; allowed: no proxy variable in any letter case`,
        );
      }
    },
  },
  {
    id: 'bottles::env-proxy-on-agent',
    severity: 'error',
    what: 'a proxy variable of your own on the agent',
    why: "the agent's proxy is the bottle's; another value would cut it off, or send it past the path rules",
    fix: 'remove it; declare a route for what it was to reach',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        if (declared.service !== 'the agent' || !isProxyVariable(declared.variable.name)) continue;
        yield variableBreach(
          declared,
          `variable ${quoted(declared.variable.name)} of the agent is set by the bottle; allowed: no proxy variable in any letter case`,
        );
      }
    },
  },
  {
    id: 'bottles::env-token-name',
    severity: 'error',
    what: "a variable named like egress's token slots, or filled from one",
    why: 'slots carry real credentials; only egress may have them, under the names that synth gives',
    fix: 'rename it; a credential belongs in `auth` of a route',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        const names = variable.kind === 'host' ? [variable.name, variable.from] : [variable.name];
        const slot = names.find(isTokenVariable);
        if (slot === undefined) continue;
        yield variableBreach(
          declared,
          `variable ${quoted(slot)} of ${service} is a token slot; allowed: no EGRESS_TOKEN_ name`,
        );
      }
    },
  },
  {
    id: 'bottles::env-route-credential',
    severity: 'error',
    what: "a variable that hands a route's credential to the agent or the whole bundle, or that hides its placeholder",
    why: 'the agent never holds a credential: egress injects it',
    fix: 'remove the variable; the agent gets the word placeholder under the name of the credential',
    *check(bottle) {
      const credentials = new Set(credentialsOf(bottle));
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        if (variable.kind === 'host' && credentials.has(variable.from)) {
          yield variableBreach(
            declared,
            `variable ${quoted(variable.name)} gives ${service} the host variable ${quoted(variable.from)}, which is the credential of a route; allowed: the route alone`,
          );
        } else if (credentials.has(variable.name)) {
          yield variableBreach(
            declared,
            `variable ${quoted(variable.name)} of ${service} has the name of a route's credential, which the bottle sets itself; allowed: another name`,
          );
        }
      }
    },
  },
  {
    id: 'bottles::env-reserved',
    severity: 'error',
    what: 'a variable that the bottle sets itself, or that changes what its programs load',
    why: 'containment rests on them: trust, the loader, the daemons’ own settings',
    fix: 'remove it',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        const { name } = variable;
        if (isProxyVariable(name) || isTokenVariable(name)) continue;
        const reserved = service === 'the agent' ? agentReserved(name) : BUNDLE_RESERVED.test(name);
        // An answer is for the variable that it was asked for, and for no other.
        const isAnswer = variable.kind === 'host' && /^CLAUDE_BOTTLE_ANSWER_/i.test(variable.from);
        if (isAnswer) {
          yield variableBreach(
            declared,
            `variable ${quoted(name)} of ${service} is filled from ${quoted(variable.from)}, which carries an answer; allowed: host variables of your own`,
          );
        } else if (reserved) {
          yield variableBreach(
            declared,
            `variable ${quoted(name)} of ${service} is reserved; allowed: names of your own`,
          );
        }
      }
    },
  },
  {
    id: 'bottles::env-secret-literal',
    severity: 'error',
    what: 'a literal that looks like a credential, or has the name of one',
    why: 'the output is meant to be read, compared and committed; and the agent never holds a credential',
    fix: 'put it into `auth` of a route by HostEnv.of, and replace the credential where it was issued',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        if (variable.kind !== 'literal') continue;
        const kind = credentialIn(variable.value);
        const named = isCredentialName(variable.name) && !HARMLESS.has(variable.value.toLowerCase());
        if (kind === undefined && !named) continue;
        const looks = kind === undefined ? 'has the name of a credential' : `looks like ${kind}`;
        yield variableBreach(
          declared,
          `the literal of variable ${quoted(variable.name)} of ${service} ${looks}; allowed: no credential by value`,
        );
      }
    },
  },
  {
    id: 'bottles::env-credential-forwarded',
    severity: 'warning',
    what: 'a host variable that by its name is a credential, forwarded into a container',
    why: 'whatever the agent holds it can send to any host that it may reach',
    fix: 'if a route can inject it, use `auth` of the route instead',
    *check(bottle) {
      const credentials = credentialsOf(bottle);
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        if (variable.kind !== 'host' || isTokenVariable(variable.from) || credentials.includes(variable.from)) continue;
        const name = [variable.from, variable.name].find(isCredentialName);
        if (name === undefined) continue;
        yield variableBreach(
          declared,
          `${service} gets the host variable ${quoted(variable.from)}, whose name says that it is a credential`,
        );
      }
    },
  },
  {
    id: 'bottles::env-proxy-forwarded',
    severity: 'warning',
    what: "the host's proxy, forwarded into the agent under another name",
    why: 'its URL may hold the password of the proxy; the agent cannot reach that proxy, and may send the password to any host that it may reach',
    fix: 'remove the variable; declare a route for what the agent is to reach',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        const { variable, service } = declared;
        // Under the name of a proxy it is an error already.
        if (service !== 'the agent' || variable.kind !== 'host' || isProxyVariable(variable.name)) continue;
        if (!namesProxy(variable.from)) continue;
        yield variableBreach(
          declared,
          `${service} gets the host variable ${quoted(variable.from)} as ${quoted(variable.name)}, whose name says that it is a proxy`,
        );
      }
    },
  },
  {
    id: 'bottles::env-bundle-unread',
    severity: 'error',
    what: 'a variable of the bundle that none of its daemons reads',
    why: 'each daemon gets only its own variables, so that no secret of one reaches another',
    fix: 'remove it',
    *check(bottle) {
      for (const declared of declaredIn(bottle)) {
        const { name } = declared.variable;
        const judged = isProxyVariable(name) || isTokenVariable(name) || BUNDLE_RESERVED.test(name);
        if (declared.service === 'the agent' || name === 'LANG' || judged) continue;
        yield variableBreach(declared, `variable ${quoted(name)} of the bundle reaches no daemon; allowed: LANG`);
      }
    },
  },
  {
    id: 'bottles::host-env-name',
    severity: 'error',
    what: 'a HostEnv whose name is malformed or has another meaning',
    why: 'the agent gets the word placeholder under that name, which would break a reserved one',
    fix: 'name the variable that holds the credential, e.g. GH_TOKEN',
    *check(bottle) {
      const { egress } = bottle.sidecars;
      for (const name of egress?.tokens ?? []) {
        const reserved =
          isProxyVariable(name) ||
          isTokenVariable(name) ||
          agentReserved(name) ||
          /^(?:PATH|HOME|PWD|USER|SHELL|LANG|TERM|COMPOSE_.*|DOCKER_.*|LD_.*)$/i.test(name);
        if (ENV_NAME.test(name) && !reserved) continue;
        const users = (egress?.routes ?? []).filter(({ auth }) => auth?.from === name);
        yield {
          path: egress?.path ?? bottle.path,
          ...(users[0] === undefined ? {} : { part: users[0] }),
          message: `the host variable ${quoted(name)} of ${listed(users.map(({ host }) => `route ${quoted(host)}`))} is ${reserved ? 'reserved' : 'malformed'}; allowed: ${ENV_NAME.source}, and no name with another meaning`,
        };
      }
    },
  },
];
