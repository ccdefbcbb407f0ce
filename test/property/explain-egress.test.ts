/** Explain's copy of egress's rules against the rules themselves, run by the host's own Python over generated requests. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  type EgressRequest,
  type EgressVerdict,
  egressPolicy,
  judge,
  judgeConnect,
} from '../../lib/explain/egress/index.ts';
import { sentRequest } from '../../lib/explain/sent-request.ts';
import { questions } from '../support/explain-requests.ts';
import { suite } from '../support/suite.ts';
import { missingPython } from '../unit/egress/python.ts';

const test = suite('explain and the rules of egress', { timeoutMs: 120_000 });
const EGRESS = join(import.meta.dirname, '../../images/sidecars/egress');
const vectors = JSON.parse(readFileSync(join(EGRESS, 'vectors.json'), 'utf8')) as {
  readonly now: string;
  readonly filled: readonly number[];
  readonly routes: unknown;
  readonly defaults: EgressRequest;
  readonly requests: readonly { readonly request: Partial<EgressRequest> }[];
};
const now = Date.parse(vectors.now);

const JUDGE = `
import json, sys
from datetime import datetime
from decisions import Request, judge, judge_connect
from policy import parse_policy
vectors = json.load(open("vectors.json", encoding="utf-8"))
policy, now = parse_policy(vectors["routes"]), datetime.fromisoformat(vectors["now"].replace("Z", "+00:00"))
names = ("action", "rule", "reason", "tool", "host", "port", "path", "deleted", "grant", "web_socket")
def told(verdict):
    return {**{name: getattr(verdict, name) for name in names}, "slot": verdict.inject.slot if verdict.inject else None}
def judged(request):
    hosts = tuple(value for name, value in request["headers"] if name.lower() == "host")
    whole = Request(**{**request, "headers": tuple(map(tuple, request["headers"]))})
    tunnel = judge_connect(policy, request["connect"], hosts, now) if request["connect"] is not None else None
    return [told(judge(policy, whole, frozenset(vectors["filled"]), now)), tunnel and told(tunnel)]
print(json.dumps([judged(request) for request in json.load(sys.stdin)]))
`;

type Told = Readonly<Record<string, unknown>>;

const byEgress = (requests: readonly EgressRequest[]): readonly (readonly [Told, Told | null])[] =>
  JSON.parse(
    execFileSync('python3', ['-B', '-c', JUDGE], {
      cwd: EGRESS,
      input: JSON.stringify(requests),
      maxBuffer: 1 << 28,
    }).toString(),
  ) as (readonly [Told, Told | null])[];

const told = ({ inject, webSocket, ...verdict }: EgressVerdict): Told => ({
  ...verdict,
  web_socket: webSocket,
  slot: inject?.slot ?? null,
});

/** Only what a record holds: the request as a client sends it to a policy with the routes of the vectors. */
const RECORD = ['method', 'target', 'headers', 'scheme', 'connect', 'sni', 'authority', 'http2'] as const;

const recordOf = (request: EgressRequest): EgressRequest =>
  Object.fromEntries(RECORD.map((key) => [key, request[key]])) as unknown as EgressRequest;

const asSent = questions.map((question) => recordOf(sentRequest(question)));

/** Bytes that a client may put anywhere, one character each. */
const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 6,
});

/** A vector with some of its texts cut, joined with bytes, or taken from another vector. */
const mutated: fc.Arbitrary<EgressRequest> = fc
  .record({
    one: fc.constantFrom(...vectors.requests),
    other: fc.constantFrom(...vectors.requests),
    part: fc.constantFrom(...RECORD),
    noise: bytes,
    at: fc.nat({ max: 30 }),
    where: fc.constantFrom('target', 'method', 'header', 'connect', 'none'),
    named: fc.constantFrom('Host', 'Forwarded', 'X-HTTP-Method', 'Upgrade', 'X-Original-URL', 'Content-Type', 'te'),
  })
  .map(({ one, other, part, noise, at, where, named }) => {
    const base = { ...vectors.defaults, ...one.request };
    const request = { ...base, [part]: { ...vectors.defaults, ...other.request }[part] };
    const spliced = (text: string): string => text.slice(0, at) + noise + text.slice(at);
    if (where === 'target') return { ...request, target: spliced(request.target) };
    if (where === 'method') return { ...request, method: spliced(request.method) };
    if (where === 'header') return { ...request, headers: [...request.headers, [named, noise] as const] };
    if (where === 'connect') return { ...request, connect: request.connect === null ? null : spliced(request.connect) };
    return request;
  });

const COUNT = 12_000;

function agreement(requests: readonly EgressRequest[], policy = egressPolicy(vectors.routes)): readonly string[] {
  const theirs = byEgress(requests);
  return requests.flatMap((request, index) => {
    const [verdict, tunnel] = theirs[index] ?? [];
    const hosts = request.headers.flatMap(([name, value]) => (name.toLowerCase() === 'host' ? [value] : []));
    const ours = judge(policy, request, { filled: (slot) => vectors.filled.includes(slot), now, used: {} });
    const opened = request.connect === null ? null : told(judgeConnect(policy, request.connect, hosts, now));
    const same = JSON.stringify([told(ours), opened].map(sorted)) === JSON.stringify([verdict, tunnel].map(sorted));
    return same ? [] : [JSON.stringify({ request, theirs: [verdict, tunnel], ours: [told(ours), opened] })];
  });
}

const sorted = (value: Told | null | undefined): unknown =>
  value == null ? null : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

function tests(): void {
  test('generated requests get the same verdict, rule and words', () => {
    const requests = fc.sample(asSent, { numRuns: COUNT, seed: 11 });
    assert.equal(agreement(requests).slice(0, 3), []);
  });

  test('vectors with parts exchanged and bytes put in get the same verdict, rule and words', () => {
    const requests = fc.sample(mutated, { numRuns: COUNT, seed: 12 });
    assert.equal(agreement(requests).slice(0, 3), []);
    const verdicts = byEgress(requests).map(([{ rule }]) => String(rule));
    const seen = new Set(verdicts);
    for (const rule of ['authority', 'route', 'method', 'path', 'plain-http', 'upgrade', 'git-push', 'magic-host']) {
      assert.ok(seen.has(rule), `no request was judged by ${rule}`);
    }
  });

  test('a copy that is broken in one rule is found out', () => {
    const { routes } = vectors.routes as { readonly routes: readonly Readonly<Record<string, unknown>>[] };
    const requests = fc.sample(mutated, { numRuns: 3000, seed: 13 });
    for (const key of ['methods', 'pathPrefixes', 'webSocket', 'auth']) {
      const broken = routes.map((route) => Object.fromEntries(Object.entries(route).filter(([name]) => name !== key)));
      const policy = egressPolicy({ ...(vectors.routes as object), routes: broken });
      assert.ok(agreement(requests, policy).length > 0, `without ${key} nothing differed`);
    }
  });
}

if (missingPython === undefined) tests();
else test.skip('generated requests are judged by both', missingPython);

test.run();
