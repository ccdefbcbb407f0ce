import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { Proposal } from '../../../images/sidecars/supervise/proposal.ts';
import { suite } from '../../support/suite.ts';
import { callTool, EGRESS_CALL, TestBottle, textOf } from './bottle.ts';

const test = suite('supervise › tools');

let bottle: TestBottle;
test.beforeEach(async () => {
  bottle = await TestBottle.start();
});
test.afterEach(() => bottle.remove());

test('the server names itself and lists the four tools with their arguments', async () => {
  const client = await bottle.client();
  assert.is(client.getServerVersion()?.name, 'claude-bottle-supervise');
  const { tools } = await client.listTools();
  assert.equal(
    tools.map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {}), inputSchema.required ?? []]),
    [
      ['egress-block', ['host', 'pathPrefixes', 'auth', 'justification'], ['host', 'justification']],
      ['pipelock-block', ['failed_url', 'justification'], ['failed_url', 'justification']],
      ['capability-block', ['packages', 'dockerfile', 'justification'], ['justification']],
      ['list-egress-routes', [], []],
    ],
  );
  assert.ok(tools.every(({ inputSchema }) => inputSchema['additionalProperties'] === false));
});

const why = 'because';
const REFUSED: (readonly [title: string, tool: string, args: Record<string, unknown>, message: RegExp])[] = [
  ['no host', 'egress-block', { justification: why }, /host: /],
  ['no justification', 'egress-block', { host: 'a.test' }, /justification: /],
  ['an empty justification', 'egress-block', { host: 'a.test', justification: '  ' }, /justification: /],
  ['an endless justification', 'egress-block', { host: 'a.test', justification: 'x'.repeat(2001) }, /justification: /],
  ['escape sequences', 'egress-block', { host: 'a.test', justification: '\u001b[2Jok' }, /control/],
  ['text that runs backwards', 'egress-block', { host: 'a.test', justification: 'a\u202eb' }, /control or invisible/],
  ['a metadata address', 'egress-block', { host: '169.254.169.254', justification: why }, /IP address/],
  ['a decimal address', 'egress-block', { host: '2852039166', justification: why }, /IP address/],
  ['a name of the bundle', 'egress-block', { host: 'git-gate', justification: why }, /bottle itself/],
  ['a wildcard', 'egress-block', { host: '*.com', justification: why }, /wildcard/],
  ['a host that is no string', 'egress-block', { host: ['a.test'], justification: why }, /host: /],
  ['an unknown argument', 'egress-block', { host: 'a.test', methods: ['PUT'], justification: why }, /methods/],
  ['a relative path', 'egress-block', { host: 'a.test', pathPrefixes: ['x'], justification: why }, /start with/],
  [
    'a path that climbs',
    'egress-block',
    { host: 'a.test', pathPrefixes: ['/a/../b'], justification: why },
    /canonical/,
  ],
  ['an escaped slash', 'egress-block', { host: 'a.test', pathPrefixes: ['/a%2Fb'], justification: why }, /escaped/],
  ['no path at all', 'egress-block', { host: 'a.test', pathPrefixes: [], justification: why }, /pathPrefixes/],
  [
    'a credential of nobody',
    'egress-block',
    { host: 'a.test', auth: { scheme: 'Bearer', tokenFrom: 'AWS_SECRET' }, justification: why },
    /not a credential of this bottle; it declares GH_TOKEN/,
  ],
  ['an empty auth', 'egress-block', { host: 'a.test', auth: {}, justification: why }, /auth\.scheme/],
  [
    'a header of the framing',
    'egress-block',
    { host: 'a.test', auth: { scheme: 'header', tokenFrom: 'GH_TOKEN', header: 'Host' }, justification: why },
    /auth\.header/,
  ],
  [
    'a header without its scheme',
    'egress-block',
    { host: 'a.test', auth: { scheme: 'Bearer', tokenFrom: 'GH_TOKEN', header: 'X-Key' }, justification: why },
    /for scheme header only/,
  ],
  [
    'Basic without a user',
    'egress-block',
    { host: 'a.test', auth: { scheme: 'Basic', tokenFrom: 'GH_TOKEN' }, justification: why },
    /scheme Basic needs it/,
  ],
  ['no URL', 'pipelock-block', { failed_url: 'a.test/x', justification: why }, /http or https/],
  ['a file URL', 'pipelock-block', { failed_url: 'file:///etc/passwd', justification: why }, /http or https/],
  ['a URL with a password', 'pipelock-block', { failed_url: 'https://u:p@a.test/', justification: why }, /password/],
  ['a URL of the loopback', 'pipelock-block', { failed_url: 'http://0x7f.1/', justification: why }, /IP address/],
  ['a URL of an IPv6 host', 'pipelock-block', { failed_url: 'http://[::1]/', justification: why }, /IPv6/],
  ['a URL with a line end', 'pipelock-block', { failed_url: 'https://a.test/\n', justification: why }, /ASCII/],
  ['neither packages nor Dockerfile', 'capability-block', { justification: why }, /exactly one/],
  [
    'both packages and Dockerfile',
    'capability-block',
    { packages: { apt: ['jq'] }, dockerfile: 'FROM x', justification: why },
    /exactly one/,
  ],
  ['no package', 'capability-block', { packages: {}, justification: why }, /at least one package/],
  ['an option as package', 'capability-block', { packages: { apt: ['-oX=y'] }, justification: why }, /package name/],
  [
    'a package from a URL',
    'capability-block',
    { packages: { pip: ['git+https://x'] }, justification: why },
    /package name/,
  ],
  ['a package from a folder', 'capability-block', { packages: { npm: ['../x'] }, justification: why }, /package name/],
  ['a shell in a package', 'capability-block', { packages: { apt: ['jq; id'] }, justification: why }, /package name/],
  ['a package to remove', 'capability-block', { packages: { apt: ['bash-'] }, justification: why }, /package name/],
  ['a version to remove', 'capability-block', { packages: { apt: ['jq=1-'] }, justification: why }, /package name/],
  ['a package by a task', 'capability-block', { packages: { apt: ['lamp^'] }, justification: why }, /package name/],
  ['an archive', 'capability-block', { packages: { npm: ['x.tgz'] }, justification: why }, /archive/],
  ['an archive as version', 'capability-block', { packages: { npm: ['x@1.tgz'] }, justification: why }, /archive/],
  ['an npm alias', 'capability-block', { packages: { npm: ['x@npm:y'] }, justification: why }, /package name/],
  ['another package manager', 'capability-block', { packages: { gem: ['x1'] }, justification: why }, /gem/],
  ['an endless Dockerfile', 'capability-block', { dockerfile: 'x'.repeat(16_385), justification: why }, /dockerfile/],
  ['an argument where there is none', 'list-egress-routes', { host: 'a.test' }, /host/],
  ['another tool', 'allow-everything', {}, /no such tool/],
];

/** Characters that a terminal shows as nothing, or as nothing that says what they are. */
const INVISIBLE = {
  'a zero-width space': '\u200b',
  'a byte order mark': '\ufeff',
  'a soft hyphen': '\u00ad',
  'a word joiner': '\u2060',
  'an Arabic letter mark': '\u061c',
  'tag characters': '\u{e0041}\u{e007f}',
  'a variation selector of the supplement': '\u{e0100}',
  'a Hangul filler': '\u3164',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'a private character': '\ue000',
  'a private character of plane 16': '\u{100000}',
  'half a surrogate pair': '\ud800',
  'a C1 control': '\u0085',
  DEL: '\u007f',
};

for (const [title, text] of Object.entries(INVISIBLE)) {
  REFUSED.push([title, 'egress-block', { host: 'a.test', justification: `a${text}b` }, /control or invisible/]);
  REFUSED.push([
    `${title} in a Dockerfile`,
    'capability-block',
    { dockerfile: `FROM${text} b`, justification: why },
    /control/,
  ]);
}

for (const [title, name, args, message] of REFUSED) {
  test(`${name} with ${title} is refused at once, and nothing reaches the queue`, async () => {
    const result = await callTool(await bottle.client(), { name, arguments: args });
    assert.is(result.isError, true);
    assert.match(textOf(result), message);
    assert.equal(readdirSync(bottle.queue), []);
  });
}

test('a proposal holds what was asked, in canonical form, and only its owner and group may read it', async () => {
  const client = await bottle.client();
  const auth = { scheme: 'header', tokenFrom: 'GH_TOKEN', header: 'X-Api-Key' };
  const call = callTool(client, {
    name: 'egress-block',
    arguments: { host: 'API.Example.ORG', pathPrefixes: ['/v1/'], auth, justification: ' to build ' },
  });
  const proposal = Proposal.parse(await bottle.proposal());
  assert.is(proposal.tool, 'egress-block');
  assert.is(proposal.slug, 'demo');
  assert.equal(proposal.arguments, {
    host: 'api.example.org',
    pathPrefixes: ['/v1/'],
    auth,
    justification: 'to build',
  });
  assert.is(Date.parse(proposal.expires) - Date.parse(proposal.created), 60_000);
  const mode = statSync(join(bottle.queue, `${proposal.id}.proposal.json`)).mode;
  assert.is(mode & 0o777, 0o640);
  assert.equal(readdirSync(bottle.queue), [`${proposal.id}.proposal.json`]);
  bottle.respond({ id: proposal.id, status: 'rejected' });
  await call;
});

for (const [name, args] of [
  ['pipelock-block', { failed_url: 'https://a.test/x?y=1', justification: why }],
  [
    'capability-block',
    { packages: { apt: ['jq', 'g++=4:12'], npm: ['@a/b@1.2'], pip: ['x[y]==1'] }, justification: why },
  ],
  [
    'capability-block',
    { dockerfile: 'FROM base\nRUN\ttrue\r\n', justification: 'für 日本語, naïve ключ ✔️\n\t- and more 🚀' },
  ],
] as const) {
  test(`${name} with ${Object.keys(args)[0]} reaches the queue`, async () => {
    const call = callTool(await bottle.client(), { name, arguments: args });
    const proposal = Proposal.parse(await bottle.proposal());
    assert.is(proposal.tool, name);
    bottle.respond({ id: proposal.id, status: 'approved' });
    assert.is((await call).isError, undefined);
  });
}

const ROUTES = `version: 1
listen: claude-bottle-egress-demo:9099
routes:
  - host: api.github.com
    ports: [443]
    methods: [GET]
    pathPrefixes: [/repos/acme/]
    auth: { scheme: Bearer, slot: 0 }
    grant: { id: g1, expires: "2030-01-01T00:00:00Z" }
  - host: docs.example.org
    ports: [443]
`;

test('list-egress-routes shows the routes of egress with credential names, and reads them afresh', async () => {
  const client = await bottle.client();
  writeFileSync(join(bottle.directory, 'routes.yaml'), ROUTES);
  const call = { name: 'list-egress-routes' };
  const { structuredContent } = await callTool(client, call);
  assert.equal(structuredContent, {
    source: 'egress',
    routes: [
      {
        host: 'api.github.com',
        ports: [443],
        methods: ['GET'],
        pathPrefixes: ['/repos/acme/'],
        credential: 'GH_TOKEN',
        expires: '2030-01-01T00:00:00Z',
      },
      { host: 'docs.example.org', ports: [443] },
    ],
    crashLoops: [],
  });
  writeFileSync(join(bottle.directory, 'routes.yaml'), 'version: 1\nlisten: x:1\nroutes: []\n');
  assert.equal((await callTool(client, call)).structuredContent, { source: 'egress', routes: [], crashLoops: [] });
});

test('list-egress-routes shows the allowlist of pipelock where there is no egress', async () => {
  writeFileSync(join(bottle.directory, 'pipelock.yaml'), 'version: 1\napi_allowlist: [a.test, "*.b.test"]\n');
  const result = await callTool(await bottle.client(), { name: 'list-egress-routes' });
  assert.equal(result.structuredContent, {
    source: 'pipelock',
    routes: [{ host: 'a.test' }, { host: '*.b.test' }],
    crashLoops: [],
  });
});

test('list-egress-routes tells of a daemon in a crash loop', async () => {
  writeFileSync(join(bottle.directory, 'routes.yaml'), ROUTES);
  const events = join(bottle.directory, 'events');
  mkdirSync(events);
  const time = new Date().toISOString();
  const loop = { version: 1, time, daemon: 'pipelock', event: 'crash-loop', restarts: 5 };
  writeFileSync(join(events, `${Date.now()}-pipelock-1.json`), JSON.stringify(loop));
  const result = await callTool(await bottle.client(), { name: 'list-egress-routes' });
  assert.equal(result.structuredContent?.['crashLoops'], [{ daemon: 'pipelock', restarts: 5, since: time }]);
  assert.match(textOf(result), /^pipelock keeps failing since .* asking for more does not help\./);
});

test('list-egress-routes fails without a word of the file when it cannot be read', async () => {
  writeFileSync(join(bottle.directory, 'routes.yaml'), 'routes: [{host: "marker-text"}');
  const result = await callTool(await bottle.client(), { name: 'list-egress-routes' });
  assert.is(result.isError, true);
  assert.not.match(textOf(result), /marker-text/);
  assert.ok(bottle.events.some(({ event }) => event === 'failed'));
});

test('what an agent writes goes into no event', async () => {
  const call = callTool(await bottle.client(), {
    ...EGRESS_CALL,
    arguments: { host: 'a.test', justification: 'marker-text' },
  });
  bottle.respond({ id: (await bottle.proposal()).id, status: 'rejected', notes: 'marker-text' });
  await call;
  assert.not.match(JSON.stringify(bottle.events), /marker-text|a\.test/);
  assert.ok(bottle.events.length >= 2);
});

test.run();
