/** What must hold of every verdict of egress: generated requests, and the vectors in other spellings, judged as a batch. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { missingPython } from '../unit/egress/python.ts';

const test = suite('verdicts of egress', { timeoutMs: 120_000 });
const EGRESS = join(import.meta.dirname, '../../images/sidecars/egress');

type Header = readonly [string, string];

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Header[];
  readonly scheme: string;
  readonly connect: string | null;
  readonly sni: string | null;
  readonly authority: string | null;
  readonly http2: boolean;
}

interface Verdict {
  readonly action: string;
  readonly rule: string;
  readonly reason: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly deleted: readonly string[];
  readonly slot: number | null;
}

interface Route {
  readonly host: string;
  readonly ports: readonly number[];
  readonly methods?: readonly string[];
  readonly pathPrefixes?: readonly string[];
  readonly auth?: { readonly header?: string };
}

interface Vector {
  readonly name: string;
  readonly request: Partial<Request>;
  readonly filled?: readonly number[];
  readonly used?: Readonly<Record<string, number>>;
}

const vectors = JSON.parse(readFileSync(join(EGRESS, 'vectors.json'), 'utf8')) as {
  readonly defaults: Request;
  readonly routes: { readonly routes: readonly Route[] };
  readonly requests: readonly Vector[];
};
const routes = new Map(vectors.routes.routes.map((route) => [route.host, route]));

const JUDGE = `
import json, sys
from datetime import datetime
from decisions import Request, judge
from policy import parse_policy
vectors = json.load(open("vectors.json", encoding="utf-8"))
policy, now = parse_policy(vectors["routes"]), datetime.fromisoformat(vectors["now"].replace("Z", "+00:00"))
def judged(case):
    request = {**case["request"], "headers": tuple(map(tuple, case["request"]["headers"]))}
    filled = frozenset(case["filled"] or vectors["filled"]) if case["filled"] != [] else frozenset()
    verdict = judge(policy, Request(**request), filled, now, case["used"])
    names = ("action", "rule", "reason", "host", "port", "path", "deleted")
    return {**{name: getattr(verdict, name) for name in names}, "slot": verdict.inject.slot if verdict.inject else None}
print(json.dumps([judged(case) for case in json.load(sys.stdin)]))
`;

interface Case {
  readonly request: Request;
  readonly filled: readonly number[] | null;
  readonly used: Readonly<Record<string, number>> | null;
}

function judged(cases: readonly Case[]): readonly Verdict[] {
  const output = execFileSync('python3', ['-B', '-c', JUDGE], {
    cwd: EGRESS,
    input: JSON.stringify(cases),
    maxBuffer: 1 << 28,
  });
  return JSON.parse(output.toString()) as Verdict[];
}

const caseOf = ({ request, filled, used }: Vector, change: Partial<Request> = {}): Case => ({
  request: { ...vectors.defaults, ...request, ...change },
  filled: filled ?? null,
  used: used ?? null,
});

/** The vectors, each as often as `change` makes another request of it. */
function compared(
  change: (request: Request) => Partial<Request>,
  hold: (before: Verdict, after: Verdict, request: Request) => void,
): void {
  const whole = vectors.requests.map((vector) => caseOf(vector));
  const changed = vectors.requests.map((vector, index) =>
    caseOf(vector, change(whole[index]?.request ?? vectors.defaults)),
  );
  const [before, after] = [judged(whole), judged(changed)];
  for (const [index, verdict] of before.entries()) {
    const [other, request] = [after[index], changed[index]?.request];
    if (other === undefined || request === undefined) throw new Error('a case was lost');
    try {
      hold(verdict, other, request);
    } catch (error) {
      throw new Error(
        `${vectors.requests[index]?.name}: ${String(error)} ${JSON.stringify([verdict, other, request])}`,
      );
    }
  }
}

const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number, seed: number): readonly T[] =>
  fc.sample(arbitrary, { numRuns: count, seed });

const inAnyCase = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, index) => (upper[index] ? letter.toUpperCase() : letter)).join(''));

const CREDENTIALS = ['authorization', 'proxy-authorization', 'x-api-key', 'x_api_key', 'x-forwarded-proto'];
const credentials = fc
  .array(fc.constantFrom(...CREDENTIALS).chain(inAnyCase), { minLength: 1, maxLength: 6 })
  .map((names) => names.map((name): Header => [name, 'Bearer agents-own']));

const HOSTS = [...routes.keys()];
const near = fc
  .constantFrom(...HOSTS)
  .chain((host) =>
    fc.constantFrom(
      `${host}.evil.test`,
      `evil${host}`,
      `evil-${host}`,
      `x.${host}`,
      `${host}.`,
      `${host}:443@evil.test`,
      ` ${host}`,
      `${host}%00.evil.test`,
      `${host}/`,
      host.replace('.test', '.tst'),
      host.replace('.', '-'),
      host.replace('o', '\u043e'),
      host.replace('t', '\uff54'),
      `xn--${host}`,
      '0x7f.1',
      '2130706433',
      '[::ffff:127.0.0.1]',
      '127.1',
    ),
  );

const PIECES = [
  '/',
  'repos',
  'acme',
  'user',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '%2f',
  '%5c',
  '\\',
  ';',
  '%25',
  '%00',
  '%c2%ad',
];
const target = fc
  .array(fc.constantFrom(...PIECES, '/repos/acme/', 'x', '%E2%80%8B', '?', '//', '%ef%bc%8f', '#', ' '), {
    maxLength: 7,
  })
  .map((pieces) => `/${pieces.join('')}`);

const request: fc.Arbitrary<Request> = fc
  .record({
    host: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...HOSTS) }, near),
    other: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, fc.constantFrom(...HOSTS)),
    method: fc.constantFrom('GET', 'GET', 'POST', 'DELETE', 'TRACE', 'CONNECT', 'get'),
    port: fc.oneof({ weight: 6, arbitrary: fc.constant(443) }, fc.constantFrom(80, 22, 8443, 0, 65_536)),
    target: fc.oneof(fc.constant('/repos/acme/x'), target),
    extra: fc.oneof(fc.constant([]), credentials),
    scheme: fc.oneof({ weight: 6, arbitrary: fc.constant('https') }, fc.constant('http')),
    http2: fc.boolean(),
  })
  .map(({ host, other, method, port, extra, scheme, http2, ...rest }) => ({
    method,
    target: rest.target,
    scheme,
    http2,
    connect: `${host}:${port}`,
    sni: other ?? host,
    authority: http2 ? host : null,
    headers: http2 ? extra : [['Host', other ?? host] as const, ...extra],
  }));

const isCredential = (name: string): boolean => CREDENTIALS.includes(name.toLowerCase());

function tests(): void {
  test('an allowed request goes to a listed host, port, method and path, whatever it looks like', () => {
    const requests = sample(request, 6000, 1);
    const verdicts = judged(requests.map((one) => ({ request: one, filled: null, used: null })));
    const allowed = verdicts.flatMap((verdict, index) => (verdict.action === 'allow' ? [{ verdict, index }] : []));
    assert.ok(allowed.length > 100, `only ${allowed.length} were allowed`);
    for (const { verdict, index } of allowed) {
      const sent = requests[index];
      const route = routes.get(verdict.host);
      const text = JSON.stringify([sent, verdict]);
      if (route === undefined) throw new Error(`not listed: ${text}`);
      assert.ok(route.ports.includes(verdict.port), text);
      assert.is(sent?.sni?.toLowerCase(), verdict.host, text);
      assert.is(sent?.connect?.toLowerCase(), `${verdict.host}:${verdict.port}`, text);
      assert.ok(route.methods === undefined || route.methods.includes(sent?.method ?? ''), text);
      assert.not.ok(['TRACE', 'CONNECT'].includes(sent?.method ?? ''), text);
      assert.ok(
        route.pathPrefixes === undefined ||
          route.pathPrefixes.some((prefix) => {
            const whole = decodeURIComponent(prefix);
            return verdict.path === whole || verdict.path.startsWith(whole.endsWith('/') ? whole : `${whole}/`);
          }),
        text,
      );
      assert.not.match(verdict.path, /(^|\/)\.{1,2}(;|\/|$)|\\|%2f|%5c|%2e/i, text);
    }
  });

  test('every credential of the agent is deleted, in any case and however often it is there', () => {
    const requests = sample(request, 3000, 2).filter(({ headers }) => headers.some(([name]) => isCredential(name)));
    const verdicts = judged(requests.map((one) => ({ request: one, filled: null, used: null })));
    let deleted = 0;
    for (const [index, { action, deleted: names }] of verdicts.entries()) {
      if (action !== 'allow') continue;
      const own = requests[index]?.headers.map(([name]) => name).filter(isCredential) ?? [];
      assert.equal(
        own.filter((name) => !names.includes(name)),
        [],
      );
      deleted += own.length;
    }
    assert.ok(deleted > 50, `only ${deleted} were deleted`);
  });

  test('a refusal says why, and names no credential to inject', () => {
    const requests = sample(request, 3000, 3);
    for (const verdict of judged(requests.map((one) => ({ request: one, filled: null, used: null })))) {
      if (verdict.action !== 'refuse') continue;
      assert.ok(verdict.reason.length > 10 && !/[\r\n]/.test(verdict.reason), JSON.stringify(verdict));
      assert.is(verdict.slot, null);
    }
  });

  test('no vector changes its verdict with the case of a host', () => {
    const upper = (text: string | null): string | null => text?.toUpperCase() ?? null;
    compared(
      ({ connect, sni, authority, headers }) => ({
        connect: upper(connect),
        sni: upper(sni),
        authority: upper(authority),
        headers: headers.map(
          ([name, value]): Header => [name, name.toLowerCase() === 'host' ? value.toUpperCase() : value],
        ),
      }),
      (before, after) => assert.equal(after, before),
    );
  });

  test('no vector changes its verdict with a credential of the agent, which is deleted', () => {
    const extras = sample(credentials, vectors.requests.length, 4);
    let index = 0;
    compared(
      ({ headers }) => {
        const extra = extras[index] ?? [];
        index += 1;
        return { headers: [...headers, ...extra] };
      },
      (before, after, { headers }) => {
        assert.equal([after.action, after.rule, after.slot], [before.action, before.rule, before.slot]);
        if (after.action !== 'allow') return;
        const own = headers.map(([name]) => name).filter(isCredential);
        assert.ok(own.every((name) => after.deleted.includes(name)));
      },
    );
  });

  test('no vector is allowed with an empty slot, another port or another server name', () => {
    const changes: readonly ((one: Request) => Partial<Request>)[] = [
      ({ sni }) => ({ sni: sni === null ? null : `x${sni}` }),
      ({ connect }) => ({
        connect: connect?.replace(/:\d+$/, ':4') ?? null,
        authority: null,
        headers: [['Host', 'x:4']],
      }),
    ];
    for (const change of changes) {
      compared(change, (before, after, { sni, connect }) => {
        if (sni !== null && connect !== null && before.action === 'allow') assert.is(after.action, 'refuse');
      });
    }
    const cases = vectors.requests.map((vector) => ({ ...caseOf(vector), filled: [] }));
    for (const verdict of judged(cases)) assert.ok(verdict.action !== 'allow' || verdict.slot === null);
  });
}

if (missingPython === undefined) tests();
else test.skip('generated requests are judged by the rules', missingPython);

test.run();
