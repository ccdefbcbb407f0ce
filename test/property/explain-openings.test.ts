/** What explain tells to add opens what was refused: by the code in a definition, and by the command at a live bottle. */

import { Auth, HostEnv, Route } from 'claude-bottle';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type AllowFlags, allowChanges } from '../../lib/cli/allow-flags.ts';
import { type BottlePolicy, bottlePolicy, type Explanation, explainRequest } from '../../lib/explain/index.ts';
import { changedGrants, withGrants } from '../../lib/operate/grants/index.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { policyOfPlan, questions, routedPlan } from '../support/explain-requests.ts';
import { suite } from '../support/suite.ts';
import { STAMP } from '../unit/operate/grants/declared.ts';
import { findingsOf, planOf, withRoutes } from '../unit/rules/definition.ts';

const test = suite('what explain tells to add', { timeoutMs: 120_000 });
const NOW = new Date('2026-03-01T12:00:00.000Z');
const plan = routedPlan();
const policy = policyOfPlan(plan);
const files = renderBottle(plan);

const isRefusedByEgress = ({ verdict, by }: Explanation): boolean => verdict === 'refused' && by === 'egress';

/** The words of a command as a shell reads them; explain quotes with apostrophes alone. */
const words = (command: string): readonly string[] =>
  [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));

function flagsOf(command: string): { readonly host: string; readonly flags: AllowFlags } {
  const [, , , host = '', ...rest] = words(command);
  const flags: { -readonly [K in keyof AllowFlags]: AllowFlags[K] } = {};
  for (let at = 0; at < rest.length; at += 1) {
    if (rest[at] === '--web-socket') flags.webSocket = true;
    else if (rest[at] === '--method') flags.method = [rest[++at] ?? ''];
    else if (rest[at] === '--path-prefix') flags.pathPrefix = [rest[++at] ?? ''];
    else if (rest[at] === '--port') flags.port = [rest[++at] ?? ''];
    else throw new Error(`unknown flag ${rest[at]}`);
  }
  return { host, flags };
}

/** The policy of the bottle after `bottle allow …`. */
function afterCommand(command: string): BottlePolicy {
  const { host, flags } = flagsOf(command);
  const declared = { routes: files['egress/routes.yaml'] ?? '', pipelock: files['pipelock/pipelock.yaml'] ?? '' };
  const { tokens } = policy;
  const grants = changedGrants(declared, [], allowChanges([host], flags, NOW), { tokens, stamp: STAMP, now: NOW });
  const live = withGrants(declared, grants, tokens, NOW);
  return bottlePolicy({ ...policyDocuments, routes: live.routes ?? '', pipelock: live.pipelock });
}

const { egress: _egress, pipelock: _pipelock, gitGate: _gitGate, ...policyDocuments } = policy;

/** The policy of a definition that has the route of `code`. */
function afterCode(code: string): BottlePolicy {
  const route: unknown = new Function('Route', 'Auth', 'HostEnv', `return ${code}`)(Route, Auth, HostEnv);
  const app = withRoutes(route as Route);
  const errors = findingsOf(app).filter(({ severity }) => severity === 'error');
  assert.equal(
    errors.map(({ message }) => message),
    [],
    code,
  );
  return policyOfPlan(planOf(app));
}

/** Synth refuses these routes; they are there for egress to be asked about an address, and plain HTTP with a credential. */
const UNDECLARABLE = ['203.0.113.7', 'plain.test'];

const refused: { readonly question: Parameters<typeof explainRequest>[1]; readonly explanation: Explanation }[] = [];

test.before(async () => {
  for (const question of fc.sample(questions, { numRuns: 1500, seed: 41 })) {
    const explanation = await explainRequest(policy, question, NOW.getTime());
    const isDeclarable = !UNDECLARABLE.includes(explanation.route?.host ?? '');
    if (isRefusedByEgress(explanation) && isDeclarable) refused.push({ question, explanation });
  }
});

/** How often what was told was tried, and where it did not open the request. */
async function tried(part: 'code' | 'command', policyAfter: (text: string) => BottlePolicy) {
  const stillRefused: string[] = [];
  let count = 0;
  for (const { question, explanation } of refused) {
    const text = explanation.opening?.[part];
    if (text === undefined) continue;
    count += 1;
    const again = await explainRequest(policyAfter(text), question, NOW.getTime());
    if (isRefusedByEgress(again))
      stillRefused.push(JSON.stringify({ question, text, rule: again.rule, reason: again.reason }));
  }
  return { count, stillRefused };
}

test('the route that is told opens the request, and synth accepts it', async () => {
  const { count, stillRefused } = await tried('code', afterCode);
  assert.ok(count > 100, `only ${count}`);
  assert.is(stillRefused.length, 0, stillRefused.slice(0, 5).join('\n'));
});

test('the command that is told opens the request at a live bottle', async () => {
  const { count, stillRefused } = await tried('command', afterCommand);
  assert.ok(count > 100, `only ${count}`);
  assert.is(stillRefused.length, 0, stillRefused.slice(0, 5).join('\n'));
});

test('every refusal tells what to add or what to do', () => {
  for (const { question, explanation } of refused) {
    const { code, advice = [] } = explanation.opening ?? {};
    assert.ok(code !== undefined || advice.length > 0, JSON.stringify(question));
  }
});

test.run();
