/** Explain against the real egress: mitmdump with the addon, asked thousands of generated requests. */

import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type BottlePolicy, type Explanation, explainRequest, type RequestQuestion } from '../../lib/explain/index.ts';
import { type SentRequest, sentRequest } from '../../lib/explain/sent-request.ts';
import { renderBottle } from '../../lib/render/index.ts';
import { policyOfPlan, questions, routedPlan } from '../support/explain-requests.ts';
import { suite } from '../support/suite.ts';
import { LISTEN, missingEngine, type Rig, startRig } from './egress/rig.ts';
import { type Answer, receive, type Step, send } from './egress/steps.ts';

const test = suite('explain and the real egress', { timeoutMs: 600_000 });
const COUNT = 3000;
/** Connections that one run of the client makes one after the other. */
const BATCH = 400;
const TOKENS = { EGRESS_TOKEN_0: 'first-credential', EGRESS_TOKEN_1: 'second-credential' };

const policy = policyOfPlan(routedPlan());
const routes = (renderBottle(routedPlan())['egress/routes.yaml'] ?? '').replace(
  /^listen: .*$/m,
  `listen: ${LISTEN}:9099`,
);

interface Asked {
  readonly question: RequestQuestion;
  readonly request: SentRequest;
}

/** Bytes of the request, for the proxy or inside its tunnel. */
function requestText({ method, target, headers, connect, url, authority }: SentRequest): string {
  const place = connect === null ? `${url.scheme}://${authority}${target}` : target;
  return [`${method} ${place} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}

const opening = ({ connect }: SentRequest): Step => send(`CONNECT ${connect} HTTP/1.1\r\nHost: ${connect}\r\n\r\n`);

/** TLS as clients speak it; the certificate is not what is tested. */
const tlsStep = ({ sni }: SentRequest): Step =>
  ({ tls: { ...(sni === null ? {} : { name: sni }), verify: false } }) as unknown as Step;

/** One request over a connection of its own. */
function stepsOf(request: SentRequest): readonly Step[] {
  if (request.connect === null) return [send(requestText(request)), receive];
  if (request.method === 'CONNECT') return [opening(request), receive];
  return [opening(request), receive, tlsStep(request), send(requestText(request)), receive];
}

/** Ends its connection, or changes its protocol. */
const standsAlone = ({ method, headers }: SentRequest): boolean =>
  !/^[A-Z-]{1,32}$/.test(method) ||
  method === 'CONNECT' ||
  headers.some(([name, value]) => /^(?:content-length|transfer-encoding)$/i.test(name) && value !== '0') ||
  headers.some(([name, value]) => name === 'Upgrade' && value === 'websocket');

/** The requests of one kept connection. */
interface Group {
  readonly asked: readonly Asked[];
}

const MOST_KEPT = 60;

function grouped(all: readonly Asked[]): readonly Group[] {
  const kept = new Map<string, Asked[]>();
  for (const [index, asked] of all.entries()) {
    const { connect, sni } = asked.request;
    const key = standsAlone(asked.request) ? String(index) : `${connect ?? 'plain'} ${sni ?? ''}`;
    kept.set(key, [...(kept.get(key) ?? []), asked]);
  }
  return [...kept.values()].flatMap((asked) =>
    Array.from({ length: Math.ceil(asked.length / MOST_KEPT) }, (_, part) => ({
      asked: asked.slice(part * MOST_KEPT, (part + 1) * MOST_KEPT),
    })),
  );
}

function groupSteps({ asked }: Group): readonly Step[] {
  const [first, ...more] = asked;
  if (first === undefined) return [];
  return [...stepsOf(first.request), ...more.flatMap(({ request }) => [send(requestText(request)), receive])];
}

/** The answers to the requests of a group: one for all where the tunnel was refused; none after a connection's end. */
function answersOf({ asked }: Group, answers: readonly Answer[]): readonly (Answer | undefined)[] {
  const [first] = asked;
  if (first === undefined) return [];
  const tunnel = first.request.connect === null ? undefined : answers[1];
  if (tunnel !== undefined && tunnel.status !== 200) return asked.map(() => tunnel);
  const head = stepsOf(first.request).length;
  return asked.map((_, index) => answers[head - 1 + 2 * index]);
}

interface Judged extends Asked {
  readonly answer: Answer;
}

const isAnswer = (answer: Answer | undefined): answer is Answer => answer !== undefined && answer.status > 0;

/** Asks all of them; what a closed connection left unanswered is asked again over one of its own. */
async function askAll(rig: Rig, all: readonly Asked[]): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  let open = grouped(all);
  for (let round = 0; round < 2 && open.length > 0; round += 1) {
    const left: Asked[] = [];
    for (let at = 0; at < open.length; at += BATCH) {
      const batch = open.slice(at, at + BATCH);
      const results = await rig.probe(...batch.map((group) => [...groupSteps(group)]));
      for (const [index, group] of batch.entries()) {
        const answers = answersOf(group, results[index] ?? []);
        for (const [place, asked] of group.asked.entries()) {
          const answer = answers[place];
          if (isAnswer(answer)) judged.push({ ...asked, answer });
          else if (round === 0) left.push(asked);
          else throw new Error(`no answer to ${JSON.stringify([asked.question, results[index]])}`);
        }
      }
    }
    open = left.map((asked) => ({ asked: [asked] }));
  }
  return judged;
}

const ruleOf = ({ head }: Answer): string | undefined => /^x-egress-rule: (\S+)/im.exec(head)?.[1];

/** What the client was told, in the words of an explanation. `upstream`: it went on, to an origin of another name. */
function told(answer: Answer): unknown {
  const rule = ruleOf(answer);
  return rule === undefined || rule === 'upstream'
    ? { allowed: true }
    : { rule, status: answer.status, body: answer.body };
}

/** What egress does by the explanation: what only pipelock refuses has passed it. */
function expected({ verdict, by, rule, agentSees }: Explanation): unknown {
  const isRefused = verdict === 'refused' && by === 'egress';
  return isRefused ? { rule, status: agentSees?.status, body: agentSees?.body } : { allowed: true };
}

async function disagreements(judged: readonly Judged[], by: BottlePolicy): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { question, answer } of judged) {
    const explained = expected(await explainRequest(by, question, Date.now()));
    if (JSON.stringify(explained) !== JSON.stringify(told(answer))) {
      found.push(JSON.stringify({ question, explained, told: told(answer) }));
    }
  }
  return found;
}

/** The policy with one part of every route forgotten: a copy of the rules that is broken in one. */
function without(part: 'methods' | 'pathPrefixes' | 'ports' | 'webSocket' | 'auth'): BottlePolicy {
  if (policy.egress === undefined) throw new Error('the bottle has egress');
  const routesOf = [...policy.egress.routes].map(([host, route]) => {
    const { [part]: _, ...entry } = route.entry;
    const { pathPrefixes, ...rest } = route;
    const kept = part === 'pathPrefixes' || pathPrefixes === undefined ? {} : { pathPrefixes };
    return [host, { ...rest, ...kept, entry: { ports: [443, 80, 8443, 22], ...entry, host } }] as const;
  });
  return { ...policy, egress: { ...policy.egress, routes: new Map(routesOf) } };
}

const sampled = (seed: number): readonly Asked[] =>
  fc.sample(questions, { numRuns: COUNT, seed }).map((question) => ({ question, request: sentRequest(question) }));

async function tests(rig: () => Rig): Promise<void> {
  let judged: readonly Judged[] = [];

  test(`${COUNT} requests get the verdict, the rule and the words that explain tells`, async () => {
    judged = await askAll(rig(), sampled(21));
    assert.is(judged.length, COUNT);
    const found = await disagreements(judged, policy);
    assert.is(found.length, 0, found.slice(0, 6).join('\n'));
  });

  test('the requests met every rule that a request can meet, and many were allowed', () => {
    const rules = judged.map(({ answer }) => ruleOf(answer) ?? 'allowed');
    const count = (rule: string): number => rules.filter((one) => one === rule).length;
    const wanted = [
      'authority',
      'route',
      'method',
      'path',
      'plain-http',
      'trace',
      'upgrade',
      'git-push',
      'malformed',
      'raw',
      'body',
    ];
    for (const rule of wanted) assert.ok(count(rule) > 0, `${rule}: none of ${JSON.stringify([...new Set(rules)])}`);
    assert.ok(count('allowed') > COUNT / 20, `only ${count('allowed')} were allowed`);
  });

  for (const part of ['methods', 'pathPrefixes', 'ports', 'webSocket', 'auth'] as const) {
    test(`an explain that forgets ${part} is found out`, async () => {
      assert.ok((await disagreements(judged, without(part))).length > 0);
    });
  }
}

const missing = await missingEngine();
if (missing === undefined) {
  const started: Rig[] = [];
  test.before(async () => {
    started.push(await startRig(routes, TOKENS));
  });
  test.after(async () => {
    for (const rig of started) await rig.stop();
  });
  await tests(() => {
    const [rig] = started;
    if (rig === undefined) throw new Error('the rig did not start');
    return rig;
  });
} else {
  test.skip('generated requests are judged by both', missing);
}

test.run();
