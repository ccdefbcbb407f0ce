import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import {
  GrantsFile,
  grantsText,
  type PolicyTexts,
  parseGrants,
  withGrants,
} from '../../../../lib/operate/grants/index.ts';
import type { RouteEntry } from '../../../../lib/plan/index.ts';
import { yamlText } from '../../../../lib/render/index.ts';
import { DAEMON_SUBSETS, exposed } from '../../../support/plans.ts';
import { suite } from '../../../support/suite.ts';
import { after, close, declaredPolicy, granted, NOW, open, TOKENS, WITH_EGRESS, WITHOUT_EGRESS } from './declared.ts';

const test = suite('live policy');

const routes = (texts: PolicyTexts): readonly RouteEntry[] => parse(texts.routes ?? '').routes;
const routeTo = (texts: PolicyTexts, host: string): RouteEntry | undefined =>
  routes(texts).find((route) => route.host === host);
const allowed = (texts: PolicyTexts): readonly string[] => parse(texts.pipelock).api_allowlist;

test('without grants every bottle runs what was rendered, byte for byte', () => {
  for (const daemons of DAEMON_SUBSETS) {
    const declared = declaredPolicy(daemons);
    const { deferred, ...live } = withGrants(declared, [], TOKENS, NOW);
    assert.equal(live, declared);
    assert.equal(deferred, []);
  }
});

test('a file that is read and written again is the same, so a grant changes nothing but its own lines', () => {
  for (const daemons of DAEMON_SUBSETS) {
    for (const text of Object.values(declaredPolicy(daemons))) {
      assert.is(yamlText(parse(text, { version: '1.1' })), text);
    }
  }
});

test('an opened host gets an entry with its grant, and a place in the allowlist', () => {
  const live = after(WITH_EGRESS, open('new.example.org', { methods: ['GET'], expires: '2026-03-01T13:00:00.000Z' }));
  const entry = routeTo(live, 'new.example.org');
  assert.equal(entry?.ports, [443]);
  assert.equal(entry?.methods, ['GET']);
  assert.is(entry?.grant?.expires, '2026-03-01T13:00:00.000Z');
  assert.is(live.routes?.includes('expires: "2026-03-01T13:00:00.000Z"'), true, 'a text, not a YAML date');
  assert.ok(allowed(live).includes('new.example.org'));
});

test('opening and taking back leaves the declared bytes', () => {
  const { deferred: _deferred, ...live } = after(WITH_EGRESS, open('new.example.org'), close('new.example.org'));
  assert.equal(live, WITH_EGRESS);
});

test('a declared host that is closed is gone from both files, and comes back as declared', () => {
  const closed = after(WITH_EGRESS, close('docs.example.org'));
  assert.is(routeTo(closed, 'docs.example.org'), undefined);
  assert.not(allowed(closed).includes('docs.example.org'));
  const { deferred: _deferred, ...again } = after(WITH_EGRESS, close('docs.example.org'), open('docs.example.org'));
  assert.equal(again, WITH_EGRESS);
});

test('a bottle whose every host is closed keeps an allowlist that lets nothing through', () => {
  const hosts = routes(WITH_EGRESS).map(({ host }) => host);
  const live = after(WITH_EGRESS, ...hosts.map(close));
  assert.equal(routes(live), []);
  assert.equal(allowed(live), ['nothing.invalid']);
  const opened = after(WITH_EGRESS, ...hosts.map(close), open('new.example.org'));
  assert.equal(allowed(opened), ['new.example.org']);
});

test('more paths of a declared host keep its methods and its credential, and carry no grant that could end it', () => {
  const entry = routeTo(after(WITH_EGRESS, open('api.github.com', { pathPrefixes: ['/user'] })), 'api.github.com');
  assert.equal(entry, {
    host: 'api.github.com',
    ports: [443],
    methods: ['GET'],
    pathPrefixes: ['/repos/acme/', '/user'],
    auth: { scheme: 'Bearer', slot: 1 },
  });
});

test('two grants of paths to one host add up', () => {
  const live = after(
    WITH_EGRESS,
    open('new.example.org', { methods: ['GET'], pathPrefixes: ['/a'] }),
    open('new.example.org', { pathPrefixes: ['/b'] }),
  );
  assert.equal(routeTo(live, 'new.example.org')?.pathPrefixes, ['/a', '/b']);
  assert.equal(routeTo(live, 'new.example.org')?.methods, ['GET']);
});

test('a grant that has expired is in neither file', () => {
  const grants = granted(WITH_EGRESS, open('new.example.org', { expires: '2026-03-01T12:00:01.000Z' }));
  const later = new Date('2026-03-01T12:00:01.000Z');
  const { deferred: _deferred, ...live } = withGrants(WITH_EGRESS, grants, TOKENS, later);
  assert.equal(live, WITH_EGRESS);
});

test('a credential of the bottle is named by its slot; one that it does not have waits, host and all', () => {
  const auth = { scheme: 'Bearer', from: 'GH_TOKEN' } as const;
  const live = after(WITH_EGRESS, open('new.example.org', { auth }));
  assert.equal(routeTo(live, 'new.example.org')?.auth, { scheme: 'Bearer', slot: 1 });
  const waiting = after(WITH_EGRESS, open('new.example.org', { auth: { scheme: 'Bearer', from: 'OTHER_TOKEN' } }));
  assert.is(routeTo(waiting, 'new.example.org'), undefined);
  assert.not(allowed(waiting).includes('new.example.org'));
  assert.equal(
    waiting.deferred.map(({ host }) => host),
    ['new.example.org'],
  );
});

test('a header that carries a credential is exempt from the scan behind egress, and never where pipelock is exposed', () => {
  const change = open('new.example.org', { auth: { scheme: 'header', header: 'X-Api-Key', from: 'GH_TOKEN' } });
  const ignored = (texts: PolicyTexts): readonly string[] => parse(texts.pipelock).request_body_scanning.ignore_headers;
  assert.ok(ignored(after(WITH_EGRESS, change)).includes('x-api-key'));
  const reachable = declaredPolicy(['egress'], exposed(['egress']));
  assert.not(ignored(after(reachable, change)).includes('x-api-key'));
});

test('a bottle without egress has its hosts in the allowlist alone', () => {
  const live = after(WITHOUT_EGRESS, open('new.example.org'), close('docs.example.org'));
  assert.is(live.routes, undefined);
  assert.equal(allowed(live), ['*.example.net', 'new.example.org']);
});

test('a host that a declared wildcard covers is taken out of the scan by itself', () => {
  const live = after(WITHOUT_EGRESS, open('a.example.net', { tlsPassthrough: true }));
  assert.equal(parse(live.pipelock).tls_interception.passthrough_domains, ['a.example.net']);
});

test('a host that a declared wildcard covers is open already', () => {
  const { deferred: _deferred, ...live } = after(WITHOUT_EGRESS, open('a.example.net'));
  assert.equal(live, WITHOUT_EGRESS);
});

test('grants are read back as they were written, and nothing else is read', () => {
  const grants = granted(WITH_EGRESS, open('new.example.org', { tlsPassthrough: true }), close('docs.example.org'));
  assert.equal(parseGrants(grantsText(grants)), grants);
  for (const text of ['', '{}', '{"version":2,"grants":[]}', grantsText(grants).replace('"kind"', '"sort"')]) {
    assert.throws(() => parseGrants(text), /cannot be read/);
  }
  assert.not(GrantsFile.safeParse({ version: 1, grants: [...grants, ...grants] }).success, 'one grant a host');
});

test.run();
