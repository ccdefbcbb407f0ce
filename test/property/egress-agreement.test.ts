/** What synth accepts, egress accepts: its own vectors, and its own validation over generated routes. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Auth, HostEnv, Route, type RouteOptions } from 'claude-bottle';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { FORBIDDEN_HEADER_PREFIXES, FORBIDDEN_HEADERS } from '../../lib/plan/index.ts';
import { suite } from '../support/suite.ts';
import { findingsOf, withRoutes } from '../unit/rules/definition.ts';

const test = suite('agreement of rules and egress', { timeoutMs: 60_000 });
const EGRESS = join(import.meta.dirname, '../../images/sidecars/egress');

/** A route as `routes.yaml` spells it. */
interface Entry {
  readonly host: string;
  readonly ports: readonly number[];
  readonly methods?: readonly string[];
  readonly pathPrefixes?: readonly string[];
  readonly auth?: { readonly scheme: string; readonly slot: number; readonly header?: string; readonly user?: string };
}

interface FileCase {
  readonly name: string;
  readonly file: { readonly routes?: readonly Entry[] } | null;
  readonly error: string | null;
}

function authOf({ scheme, header, user }: NonNullable<Entry['auth']>): Auth {
  const from = HostEnv.of('API_TOKEN');
  if (scheme === 'Basic') return Auth.basic(user ?? '', from);
  return scheme === 'header' ? Auth.header(header ?? '', from) : Auth.bearer(from);
}

function routeOf({ host, ports, methods, pathPrefixes, auth }: Entry): Route {
  const options: RouteOptions = {
    ports,
    ...(methods === undefined ? {} : { methods }),
    ...(pathPrefixes === undefined ? {} : { pathPrefixes }),
    ...(auth === undefined ? {} : { auth: authOf(auth) }),
  };
  return Route.to(host, options);
}

const errors = (routes: readonly Entry[]): readonly string[] =>
  findingsOf(withRoutes(...routes.map(routeOf)))
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);

const { files } = JSON.parse(readFileSync(join(EGRESS, 'vectors.json'), 'utf8')) as { files: readonly FileCase[] };

/** Errors about something that a definition can say: the others are of keys and shapes that only a file has. */
const SAYABLE = /^routes\[\d+\]\.(?:host|ports|methods|pathPrefixes|auth\.header|auth\.user)$/;
/** Lowering writes the lower-case name; and a header without its scheme has no spelling in a definition. */
const UNSAYABLE = /a host in capitals|header without the scheme|scheme without the header/;

const refused = files.filter(({ name, error }) => error !== null && SAYABLE.test(error) && !UNSAYABLE.test(name));

test('what the vectors of egress refuse is refused at synth', () => {
  assert.ok(refused.length > 20, `only ${refused.length} cases`);
  for (const { name, file } of refused) assert.ok(errors(file?.routes ?? []).length > 0, name);
});

test('what the vectors of egress accept is accepted at synth', () => {
  const accepted = files.filter(({ error }) => error === null).map(({ file }) => file?.routes ?? []);
  assert.ok(accepted.length > 2);
  for (const routes of accepted) assert.equal(errors(routes.map(({ host, ports }) => ({ host, ports }))), []);
});

/** Prints, for each file on stdin, what the policy says of it. */
const JUDGE = `
import json, sys
from policy import PolicyError, parse_policy
def judged(document):
    try:
        parse_policy(document)
        return None
    except PolicyError as error:
        return str(error)
print(json.dumps([judged(document) for document in json.load(sys.stdin)]))
`;

const python = (program: string, input: unknown): unknown =>
  JSON.parse(execFileSync('python3', ['-B', '-c', program], { cwd: EGRESS, input: JSON.stringify(input) }).toString());

const LISTS = `
import json
from policy import FORBIDDEN_HEADERS, FORBIDDEN_HEADER_PREFIXES
print(json.dumps([sorted(FORBIDDEN_HEADERS), list(FORBIDDEN_HEADER_PREFIXES)]))
`;

function judgedByEgress(entries: readonly Entry[]): readonly (string | null)[] {
  const documents = entries.map((entry) => ({ version: 1, listen: 'egress-a:9099', routes: [entry] }));
  return python(JUDGE, documents) as (string | null)[];
}

const PIECES = ['/', '/', 'a', '.', '..', ';', '%20', '%2e', '%3F', '%01', '%7f', '%c3%bc', '%ff', '%EF%BC%8F', '%25'];
const MORE_PIECES = ['%61', '%E2%80%A5', '%C2%85', '%C2%A0', '%3b', '%23', '-', '~', '%5c', '%zz', ' ', '%EF%BB%BF'];
const prefix = fc.array(fc.constantFrom(...PIECES, ...MORE_PIECES), { maxLength: 5 }).map((all) => `/${all.join('')}`);
const method = fc.oneof(
  fc.constantFrom('GET', 'M-SEARCH', 'FOO_BAR', 'TRACE', 'TRACK', 'X1', '-', 'A-'),
  fc.stringMatching(/^[A-Z_-]{1,34}$/),
);
const header = fc.oneof(
  fc.constantFrom(
    'Host',
    'TE',
    'Content-X',
    'Cookie',
    'HTTP2-Settings',
    'Expect',
    'Keep-Alive',
    'X-Api-Key',
    'Trailer',
  ),
  fc.stringMatching(/^[A-Za-z_:!#-]{1,12}$/),
);
const auth = fc.oneof(
  header.map((name) => ({ scheme: 'header', slot: 0, header: name })),
  fc.string({ unit: 'grapheme', maxLength: 4 }).map((user) => ({ scheme: 'Basic', slot: 0, user })),
  fc
    .integer({ min: 0, max: 0x30ff })
    .map((code) => ({ scheme: 'Basic', slot: 0, user: `a${String.fromCharCode(code)}` })),
);
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    host: fc.constant('a.test'),
    ports: fc.constant([443]),
    pathPrefixes: fc.array(prefix, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    host: fc.constant('a.test'),
    ports: fc.constant([443]),
    methods: fc.array(method, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ host: fc.constant('a.test'), ports: fc.constant([443]), auth }),
);

const hasPython = spawnSync('python3', ['--version']).status === 0;

// The bundle's image has Python, the host that synthesizes need not; the vectors above hold in any case.
if (hasPython) {
  test('the headers that no credential may be sent in are the same here and in egress', () => {
    assert.equal(python(LISTS, null), [[...FORBIDDEN_HEADERS], [...FORBIDDEN_HEADER_PREFIXES]]);
  });

  test('no generated route that synth accepts is refused by egress at its start', () => {
    const accepted = fc.sample(entry, 4000).filter((one) => errors([one]).length === 0);
    assert.ok(accepted.length > 400, `only ${accepted.length} were accepted`);
    for (const [index, error] of judgedByEgress(accepted).entries()) {
      assert.is(error, null, `${error}: ${JSON.stringify(accepted[index])}`);
    }
  });
}

test.run();
