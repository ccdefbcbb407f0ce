/** The verdict on one HTTP request of the agent, and why. */

import { PLACEHOLDER } from '../plan/env-names.ts';
import { withoutCredentials } from '../plan/secrets.ts';
import { conditions, scannedLines } from './conditions.ts';
import { canonicalPath, isBelow, splitTarget } from './egress/canonical.ts';
import { MAGIC_HOST } from './egress/index.ts';
import { type EgressOutcome, egressOutcome, refusalBody } from './egress-stage.ts';
import { insideTheBottle } from './inside.ts';
import { matchedRoute } from './matched-route.ts';
import { nearMisses } from './near.ts';
import { openingOf } from './opening.ts';
import { pipelockOpening } from './pipelock-opening.ts';
import { type Hop, type PipelockOutcome, pipelockOutcome } from './pipelock-stage.ts';
import { type SentRequest, sentRequest } from './sent-request.ts';
import { shownExplanation } from './shown.ts';
import { methodNotes, otherSpelling } from './spelling-notes.ts';
import type { BottlePolicy, Explanation, MatchedRoute, RequestQuestion } from './types.ts';
import { shownUrl } from './url.ts';

type Base = Pick<Explanation, 'slug' | 'policy' | 'question' | 'notes'>;

function baseOf(policy: BottlePolicy, question: RequestQuestion, request: SentRequest): Base {
  return {
    slug: policy.slug,
    policy: policy.source,
    question: `${question.method} ${shownUrl(question.url)}`,
    notes: [...request.url.notes, ...methodNotes(request.method)],
  };
}

const judgedForm = (request: SentRequest, host: string, port: number, path: string): Explanation['judged'] => ({
  method: request.method,
  scheme: request.scheme,
  host,
  port,
  path: withoutCredentials(path),
});

/** The request as egress hands it on. */
function hopBehindEgress(request: SentRequest, verdict: EgressOutcome): Hop {
  const { host, port, deleted, inject } = verdict;
  const isDefault = port === (request.scheme === 'https' ? 443 : 80);
  const kept = request.headers.filter(([name]) => !deleted.includes(name) && name.toLowerCase() !== 'host');
  return {
    method: request.method,
    scheme: request.scheme,
    hostAndPort: `${host}:${port}`,
    target: request.target,
    headers: [
      ['Host', isDefault ? host : `${host}:${port}`],
      ...kept,
      // Its value is known to egress alone.
      ...(inject === undefined ? [] : [[inject.header ?? 'Authorization', PLACEHOLDER] as const]),
    ],
  };
}

const hopFromAgent = ({ method, scheme, hostAndPort, target, headers }: SentRequest): Hop => ({
  method,
  scheme,
  hostAndPort,
  target,
  headers,
});

function isBelowPrefix(route: MatchedRoute | undefined, target: string): boolean {
  const canonical = canonicalPath(splitTarget(target)[0]);
  if ('problem' in canonical) return false;
  return (route?.pathPrefixes ?? ['/']).some((prefix) => {
    const below = canonicalPath(prefix);
    return 'path' in below && isBelow(canonical.path, below.path);
  });
}

function refusedByEgress(policy: BottlePolicy, base: Base, request: SentRequest, outcome: EgressOutcome): Explanation {
  const { rule, reason, status } = outcome;
  const route = matchedRoute(policy, request.url.host.toLowerCase());
  const refused = { rule, reason, isBelowPrefix: isBelowPrefix(route, request.target) };
  const path = outcome.path === '' ? splitTarget(request.target)[0] : outcome.path;
  return {
    ...base,
    verdict: 'refused',
    by: 'egress',
    rule,
    reason,
    judged: judgedForm(request, outcome.host || request.url.host, outcome.port || request.url.port, path),
    agentSees: { status, body: request.method === 'HEAD' ? '' : refusalBody(outcome) },
    ...(route === undefined ? {} : { route }),
    scanned: [],
    provided: [],
    near: nearMisses(policy, request, rule, route),
    opening: openingOf(policy, request, refused, route),
  };
}

/** What the agent reads where pipelock refuses: its line, or egress's words for a tunnel that it would not open. */
function answerOf({ refusal, atConnect, line }: PipelockOutcome, host: string, isBehindEgress: boolean) {
  if (isBehindEgress && atConnect) {
    const said = { rule: 'pipelock', reason: `pipelock refuses connections to ${host}`, tool: 'pipelock-block' };
    return { status: 403, body: refusalBody(said) };
  }
  return { status: refusal?.status ?? 403, body: `${line}\n` };
}

function injectedText(route: MatchedRoute | undefined): string | undefined {
  if (route?.credential === undefined) return undefined;
  const { header, scheme, name } = route.credential;
  return scheme === 'header' ? `${header}: the value of ${name}` : `${header}: ${scheme} with ${name}`;
}

/** The verdict of what is behind egress, or of pipelock as the agent's own proxy. */
async function lastHop(
  policy: BottlePolicy,
  base: Base,
  request: SentRequest,
  verdict: EgressOutcome | undefined,
): Promise<Explanation> {
  const hop = verdict === undefined ? hopFromAgent(request) : hopBehindEgress(request, verdict);
  const outcome = await pipelockOutcome(policy.pipelock, hop);
  const host = outcome.to?.host ?? request.url.host;
  const route = verdict === undefined ? undefined : matchedRoute(policy, verdict.host);
  const path = verdict?.path ?? splitTarget(request.target)[0];
  const injected = injectedText(route);
  const shared = {
    ...base,
    judged: judgedForm(request, host, outcome.to?.port ?? request.url.port, path),
    ...(route === undefined ? {} : { route }),
    ...(verdict === undefined
      ? {}
      : { headers: { deleted: verdict.deleted, ...(injected === undefined ? {} : { injected }) } }),
  };
  if (outcome.refusal !== undefined) {
    const { scanner, reason } = outcome.refusal;
    return {
      ...shared,
      verdict: 'refused',
      by: 'pipelock',
      rule: scanner,
      reason,
      agentSees: answerOf(outcome, host, verdict !== undefined),
      scanned: [],
      provided: [],
      ...pipelockOpening(policy, request, outcome, host),
    };
  }
  const isWebSocket = verdict?.webSocket === true;
  return {
    ...shared,
    verdict: 'allowed',
    by: verdict === undefined ? 'pipelock' : 'egress',
    rule: verdict?.rule ?? 'allowlist',
    reason: verdict === undefined ? `${host} is on the allowlist of pipelock` : `${host} has a route`,
    scanned: scannedLines(policy, outcome, route, isWebSocket),
    provided: conditions(policy, outcome, route, verdict),
    near: [],
  };
}

/** What an agent gets that dials a pipelock which is exposed beside egress. */
async function directNote(policy: BottlePolicy, request: SentRequest): Promise<readonly string[]> {
  if (policy.egress === undefined || policy.pipelock.behindEgress) return [];
  const { refusal, line } = await pipelockOutcome(policy.pipelock, hopFromAgent(request));
  return [
    refusal === undefined
      ? 'pipelock is exposed: dialled directly it lets this through, past the rules of egress and without a credential'
      : `pipelock is exposed: dialled directly it refuses this too (${line})`,
  ];
}

function answeredLocally(base: Base, request: SentRequest, outcome: EgressOutcome): Explanation {
  return {
    ...base,
    verdict: 'local',
    by: 'egress',
    rule: outcome.rule,
    reason: `egress answers ${MAGIC_HOST} itself; nothing leaves the bottle`,
    judged: judgedForm(request, outcome.host, outcome.port, outcome.path),
    scanned: [],
    provided: [],
    near: [],
  };
}

async function judged(policy: BottlePolicy, question: RequestQuestion, now: number): Promise<Explanation> {
  const request = sentRequest(question);
  const base = baseOf(policy, question, request);
  const inside = insideTheBottle(policy, request);
  if (inside !== undefined) {
    const { host, port } = request.url;
    return { ...base, ...inside, judged: judgedForm(request, host, port, splitTarget(request.target)[0]) };
  }
  if (policy.egress === undefined) return lastHop(policy, base, request, undefined);
  const outcome = egressOutcome(policy.egress, request, now);
  if (outcome.action === 'local') return answeredLocally(base, request, outcome);
  const explanation =
    outcome.action === 'refuse'
      ? refusedByEgress(policy, base, request, outcome)
      : await lastHop(policy, base, request, outcome);
  return { ...explanation, notes: [...explanation.notes, ...(await directNote(policy, request))] };
}

/** The verdict on `question` at `now` (Unix milliseconds). Throws a usage error on what no client could send. */
export async function explainRequest(
  policy: BottlePolicy,
  question: RequestQuestion,
  now: number,
): Promise<Explanation> {
  const explanation = await judged(policy, question, now);
  const other = otherSpelling(question.url);
  if (other === undefined) return shownExplanation(explanation);
  const { verdict, rule } = await judged(policy, { ...question, url: other }, now);
  const why = verdict === 'refused' ? ` (rule ${rule})` : '';
  const note = `clients that follow the WHATWG URL standard (fetch, browsers) send ${shownUrl(other)} for it: ${verdict}${why}`;
  return shownExplanation({ ...explanation, notes: [...explanation.notes, note] });
}
