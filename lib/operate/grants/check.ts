/** Which openings are refused whatever else holds: the rules of a definition, applied to a live change. */

import { BottleError } from '../../errors.ts';
import { credentialIn, quoted } from '../../plan/index.ts';
import {
  authHeaderProblem,
  authUserProblem,
  methodProblem,
  pathPrefixProblem,
  portProblem,
} from '../../rules/route-values.ts';
import { isInnerHop, type Policy, type PolicyTexts, parsePolicy } from './declared.ts';
import { GRANTS_FILE } from './grants-file.ts';
import { grantProblem } from './host.ts';
import type { Grant, GrantAuth, OpenChange } from './model.ts';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SCHEMES: readonly string[] = ['Bearer', 'token', 'Basic', 'header'];

const invalid = (code: string, message: string, fix: string): BottleError =>
  new BottleError(code, message, { fix, exitCode: 2 });

function* listProblems(
  what: string,
  values: readonly (string | number)[] | undefined,
  problem: (index: number) => string | undefined,
): Generator<string> {
  if (values === undefined) return;
  if (values.length === 0) yield `no ${what} is named`;
  for (const [index, value] of values.entries()) {
    const found = problem(index);
    if (found !== undefined) yield `${what} ${quoted(String(value))} ${found}`;
  }
}

function* authProblems({ scheme, from, header, user }: GrantAuth): Generator<string> {
  if (credentialIn(from) !== undefined) yield 'what is named looks like a credential itself, not like a host variable';
  if (!VARIABLE.test(from)) yield `${quoted(from)} is no name of a host variable`;
  if (!SCHEMES.includes(scheme)) yield `scheme ${quoted(scheme)}; allowed: ${SCHEMES.join(', ')}`;
  if ((scheme === 'header') !== (header !== undefined)) yield 'a header goes with scheme header, and only with it';
  if ((scheme === 'Basic') !== (user !== undefined)) yield 'a user goes with scheme Basic, and only with it';
  const headerFault = header === undefined ? undefined : authHeaderProblem(header);
  if (headerFault !== undefined) yield `header ${quoted(header ?? '')} ${headerFault}`;
  const userFault = user === undefined ? undefined : authUserProblem(user);
  if (userFault !== undefined) yield `the user ${userFault}`;
}

type Opening = Pick<Grant & { kind: 'open' }, 'ports' | 'methods' | 'pathPrefixes' | 'auth'>;

function* problems({ ports, methods, pathPrefixes, auth }: Opening | OpenChange): Generator<string> {
  yield* listProblems('port', ports, (index) => portProblem(ports ?? [], index));
  yield* listProblems('method', methods, (index) => methodProblem(methods ?? [], index));
  yield* listProblems('path prefix', pathPrefixes, (index) => pathPrefixProblem(pathPrefixes ?? [], index));
  if (auth !== undefined) yield* authProblems(auth);
}

/** Throws if the host may not be opened by a live change, or a value is none. A declared host was judged at synth. */
export function assertValid(change: OpenChange, { isDeclared, now }: { isDeclared: boolean; now: Date }): void {
  const { host, expires } = change;
  const hostFault = isDeclared ? undefined : grantProblem(host);
  if (hostFault !== undefined) {
    throw invalid(
      'allow/invalid-host',
      `${quoted(host)} ${hostFault}`,
      'name one exact DNS name of the outside, e.g. docs.example.org; what else a bottle needs belongs into its definition',
    );
  }
  const [first] = problems(change);
  if (first !== undefined) throw invalid('allow/invalid-value', `${quoted(host)}: ${first}`, 'correct the value');
  if (expires !== undefined && !(Date.parse(expires) > now.getTime())) {
    throw invalid(
      'allow/invalid-value',
      `${quoted(host)}: the expiry ${quoted(expires)} is not in the future`,
      'name a later one',
    );
  }
}

/** Throws if no daemon of this bottle would enforce what the change says. */
export function assertExpressible(change: OpenChange, policy: Policy): void {
  const { host, expires, ...rest } = change;
  if (expires !== undefined && !isInnerHop(policy)) {
    const why = policy.routes === undefined ? 'has no egress' : 'lets the agent reach pipelock directly';
    throw invalid(
      'allow/not-enforced',
      `${quoted(host)}: this bottle ${why}, so nothing would end the grant at its expiry`,
      'leave the expiry out, and take the host back with bottle allow --remove',
    );
  }
  if (policy.routes !== undefined) return;
  const named = (['ports', 'methods', 'pathPrefixes', 'auth', 'webSocket'] as const).find(
    (key) => rest[key] !== undefined && rest[key] !== false,
  );
  if (named === undefined) return;
  throw invalid(
    'allow/not-enforced',
    `${quoted(host)}: this bottle has no egress, and pipelock knows hosts alone, so \`${named}\` would not hold`,
    'open the whole host, or declare a route, which brings egress',
  );
}

/**
 * Throws if an entry of `grants.json` opens what no change could have opened on top of `declared`: the file is no way
 * round what a change is held to. What has expired is judged, too.
 */
export function assertGrantable(declared: PolicyTexts, grants: readonly Grant[]): void {
  if (grants.length === 0) return;
  const { routes } = parsePolicy(declared);
  for (const grant of grants) {
    if (grant.kind !== 'open') continue;
    const isDeclared = routes?.routes.some(({ host }) => host === grant.host) === true;
    const [fault] = [...(isDeclared ? [] : [grantProblem(grant.host)]), ...problems(grant)].filter(
      (found) => found !== undefined,
    );
    if (fault === undefined) continue;
    const entry = `${GRANTS_FILE} of the state directory: the entry ${quoted(grant.host)} (${grant.id})`;
    throw new BottleError('state/bad-grants', `${entry}: ${fault}`, {
      fix: 'put the file back as it was, or forget all live grants with bottle deploy --reset',
    });
  }
}
