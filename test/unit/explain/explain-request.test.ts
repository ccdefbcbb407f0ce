import * as assert from 'uvu/assert';
import { BottleError } from '../../../lib/errors.ts';
import { type Explanation, explainRequest, type RequestQuestion } from '../../../lib/explain/index.ts';
import type { BottlePlan } from '../../../lib/plan/index.ts';
import { policyOfPlan } from '../../support/explain-requests.ts';
import { exposed, fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';

const test = suite('explain of requests', { timeoutMs: 30_000 });
const NOW = Date.parse('2026-03-01T12:00:00Z');
const SECRET = 'AKIAIOSFODNN7EXAMPLQ';

const FULL = fullMatrix();
const READER = planWith([], {
  pipelock: { ...planWith([]).sidecars.pipelock, allow: ['docs.example.org', '*.static.example.org'] },
});

function asked(
  method: string,
  url: string,
  { plan = FULL, headers = [] }: { plan?: BottlePlan; headers?: RequestQuestion['headers'] } = {},
): Promise<Explanation> {
  return explainRequest(policyOfPlan(plan), { method, url, headers }, NOW);
}

/** `plan` with another first route. */
const withRoute = (more: object, plan: BottlePlan = FULL): BottlePlan => {
  const { egress } = plan.sidecars;
  if (egress === undefined) throw new Error('no egress');
  const [first, ...rest] = egress.routes;
  if (first === undefined) throw new Error('no route');
  return { ...plan, sidecars: { ...plan.sidecars, egress: { ...egress, routes: [{ ...first, ...more }, ...rest] } } };
};

test('an allowed request tells route, credential by name, deleted headers, what is scanned and what it depends on', async () => {
  const url = 'https://api.github.com/repos/acme/app?page=2#top';
  const headers = [
    ['Authorization', `Bearer ${SECRET}`],
    ['X-Forwarded-For', '10.0.0.1'],
  ] as const;
  const {
    verdict,
    by,
    route,
    headers: changed,
    scanned,
    provided,
    judged,
    notes,
  } = await asked('GET', url, { headers });
  assert.is(verdict, 'allowed');
  assert.is(by, 'egress');
  assert.equal(route?.credential, { name: 'GH_TOKEN', scheme: 'Bearer', header: 'Authorization' });
  assert.equal(changed, {
    deleted: ['Authorization', 'X-Forwarded-For'],
    injected: 'Authorization: Bearer with GH_TOKEN',
  });
  assert.equal(judged, { method: 'GET', scheme: 'https', host: 'api.github.com', port: 443, path: '/repos/acme/app' });
  assert.match(scanned.join('\n'), /scans URL, headers and body/);
  assert.match(provided.join('\n'), /resolves to public addresses only[\s\S]*GH_TOKEN was set/);
  assert.match(notes.join('\n'), /# stays in the client/);
});

test('no value of a header, and no password of a URL, is in an explanation', async () => {
  for (const method of ['GET', 'POST']) {
    const headers = [['X-Key', SECRET]] as const;
    const url = `https://me:${SECRET}@docs.example.org/`;
    assert.not.match(JSON.stringify(await asked(method, url, { headers })), SECRET);
  }
  await rejects(`https://me:${SECRET}@docs.example.org:99999/`, /(?:\*\*\*|\[redacted\])@docs/);
});

test('a secret in the URL or a header is refused by pipelock, and passes to a passthrough host', async () => {
  const url = `https://docs.example.org/?k=${SECRET}`;
  const refused = await asked('GET', url);
  assert.equal([refused.verdict, refused.by, refused.rule], ['refused', 'pipelock', 'dlp']);
  assert.match(refused.agentSees?.body ?? '', /^blocked: DLP match/);
  assert.is(refused.question, 'GET https://docs.example.org/?k=[redacted]');
  assert.is((await asked('GET', `https://docs.example.org/${SECRET}`)).judged.path, '/[redacted]');
  const inHeader = await asked('GET', 'https://docs.example.org/', { headers: [['X-Note', SECRET]] });
  assert.equal([inHeader.by, inHeader.rule], ['pipelock', 'header_dlp']);
  const passed = await asked('POST', `https://api.anthropic.com/v1/messages?k=${SECRET}`);
  assert.is(passed.verdict, 'allowed');
  assert.match(passed.scanned.join('\n'), /tlsPassthrough.*no content is scanned/);
});

test('what would open a path is shown without the credential in it', async () => {
  const token = `ghp_${'a1B2'.repeat(9)}`;
  for (const [method, url, plan] of [
    ['GET', `https://api.github.com/orgs/${token}/x`, FULL],
    ['GET', `https://new.example.org/${token}`, FULL],
    ['POST', `http://api.github.com/repos/acme/${token}`, FULL],
    ['GET', `https://new.example.org/${token}`, READER],
  ] as const) {
    const explanation = await asked(method, url, { plan });
    assert.is(explanation.verdict, 'refused');
    assert.ok(explanation.opening);
    assert.not.match(JSON.stringify(explanation), token, url);
  }
  const { opening } = await asked('GET', `https://new.example.org/${token}`);
  assert.is(
    opening?.command,
    "bottle allow demo-abc12 new.example.org --method GET --path-prefix '/[redacted]'".replaceAll("'", ''),
  );
  assert.match(opening?.code ?? '', "pathPrefixes: ['/[redacted]']");
  assert.match(opening?.advice.join('\n') ?? '', '[redacted] stands for it here');
});

const refusals: readonly [what: string, method: string, url: string, rule: string, near: RegExp, told: RegExp][] = [
  [
    'a method that is not listed',
    'POST',
    'https://api.github.com/repos/acme/x',
    'method',
    /POST is not among its methods GET$/,
    /--method POST/,
  ],
  [
    'a method in lower case',
    'get',
    'https://api.github.com/repos/acme/x',
    'method',
    /case-sensitive: get is not GET/,
    /send GET/,
  ],
  [
    'a path beside the prefixes',
    'GET',
    'https://api.github.com/orgs/acme',
    'path',
    /only below \/repos\/acme\//,
    /--path-prefix \/orgs\/acme/,
  ],
  [
    'the prefix itself without its slash',
    'GET',
    'https://api.github.com/repos/acme',
    'path',
    /covers what is below it, not \/repos\/acme itself/,
    /pathPrefixes/,
  ],
  ['another port', 'GET', 'https://docs.example.org:8443/', 'route', /on port 443 and not on 8443/, /--port 8443/],
  [
    'a misspelled host',
    'GET',
    'https://docs.exmaple.org/',
    'route',
    /docs\.example\.org is declared; did you mean it/,
    /Route\.to\('docs\.exmaple\.org'/,
  ],
  [
    'a host below a declared one',
    'GET',
    'https://x.docs.example.org/',
    'route',
    /one exact host and none below it/,
    /bottle allow demo-abc12 x\.docs/,
  ],
  ['a final dot', 'GET', 'https://docs.example.org./', 'authority', /^$/, /one host/],
  ['dot segments', 'GET', 'https://docs.example.org/a/../b', 'path', /^$/, /one way in which it can be read/],
  ['an encoded slash', 'GET', 'https://docs.example.org/a%2fb', 'path', /^$/, /encoded slash/],
  ['a double encoding', 'GET', 'https://docs.example.org/a%252fb', 'path', /^$/, /encoded twice/],
  [
    'plain HTTP to a host with a credential',
    'GET',
    'http://api.github.com/repos/acme/x',
    'route',
    /not on 80/,
    /https:\/\/api\.github\.com/,
  ],
  ['git push over HTTPS', 'POST', 'https://docs.example.org/a.git/git-receive-pack', 'git-push', /^$/, /GitRemote/],
  ['an undeclared WebSocket', 'GET', 'wss://docs.example.org/', 'upgrade', /^$/, /--web-socket/],
  ['TRACE', 'TRACE', 'https://docs.example.org/', 'trace', /^$/, /no route can allow/],
  ['the metadata service', 'GET', 'http://169.254.169.254/latest/', 'route', /^$/, /no route can name it/],
  ['an address in decimal', 'GET', 'https://2130706433/', 'route', /^$/, /no route can name it/],
  ['a host that no client can reach', 'GET', 'https://a..b/', 'malformed', /^$/, /correct the request/],
];

for (const [what, method, url, rule, near, told] of refusals) {
  test(`${what} is refused by ${rule}, with what is near and what to do`, async () => {
    const explanation = await asked(method, url);
    assert.equal([explanation.verdict, explanation.by, explanation.rule], ['refused', 'egress', rule]);
    assert.match(explanation.near.join('\n'), near);
    const { code = '', command = '', advice = [] } = explanation.opening ?? {};
    assert.match([code, command, ...advice].join('\n'), told);
    assert.match(explanation.agentSees?.body ?? '', `"rule": "${rule}"`);
  });
}

test('a client that resolves dot segments or rewrites addresses is told of in a note', async () => {
  const dots = await asked('GET', 'https://docs.example.org/a/../b');
  assert.match(dots.notes.join('\n'), /send https:\/\/docs\.example\.org\/b for it: allowed/);
  const decimal = await asked('GET', 'https://2130706433/');
  assert.match(decimal.notes.join('\n'), /send https:\/\/127\.0\.0\.1\/ for it: local/);
});

test('upper case in a host changes nothing, a name outside ASCII becomes punycode', async () => {
  assert.is((await asked('GET', 'https://DOCS.Example.ORG/')).judged['host'], 'docs.example.org');
  const idn = await asked('GET', 'https://b\u00fccher.example/');
  assert.is(idn.judged['host'], 'xn--bcher-kva.example');
  assert.match(idn.notes.join('\n'), /clients send xn--bcher-kva\.example/);
});

test('the magic host is answered by egress, and what NO_PROXY names stays inside', async () => {
  for (const [url, by] of [
    ['http://_egress.local/allowlist', 'egress'],
    ['http://supervise:9100/mcp', 'supervise'],
    ['http://git-gate/', 'git-gate'],
    ['http://localhost:3000/', 'agent'],
  ] as const) {
    const explanation = await asked('GET', url);
    assert.equal([explanation.verdict, explanation.by], ['local', by], url);
  }
  assert.is((await asked('GET', 'http://supervise:9100/', { plan: planWith(['egress']) })).verdict, 'refused');
});

test('a private upstream is told as such, and a private address without it is refused', async () => {
  const plan = withRoute({ host: 'git.corp.example', privateUpstream: true, auth: undefined, tlsPassthrough: false });
  const { verdict, provided } = await asked('GET', 'https://git.corp.example/', { plan });
  assert.is(verdict, 'allowed');
  assert.match(provided.join('\n'), /public or private addresses/);
  const address = withRoute({ host: '10.1.2.3', auth: undefined, tlsPassthrough: false });
  const refused = await asked('GET', 'https://10.1.2.3/', { plan: address });
  assert.equal([refused.by, refused.rule], ['pipelock', 'ssrf']);
  assert.match(refused.agentSees?.body ?? '', /egress: pipelock refuses connections to 10\.1\.2\.3/);
  assert.match(refused.opening?.advice.join() ?? '', /privateUpstream: true/);
});

test('without egress pipelock decides, by host and port', async () => {
  const plan = READER;
  const allowed = await asked('DELETE', 'https://cdn.static.example.org/x', { plan });
  assert.equal([allowed.verdict, allowed.by, allowed.rule], ['allowed', 'pipelock', 'allowlist']);
  const refused = await asked('GET', 'https://docs.example.com/', { plan });
  assert.equal([refused.verdict, refused.by, refused.rule], ['refused', 'pipelock', 'allowlist']);
  assert.match(refused.near.join(), /docs\.example\.org is declared; did you mean it/);
  assert.is(refused.opening?.command, 'bottle allow demo-abc12 docs.example.com');
  assert.match(refused.opening?.code ?? '', /pipelock: \{ allow: \['docs\.example\.com'\] \}/);
  assert.is((await asked('GET', 'https://docs.example.org:8443/', { plan })).rule, 'port');
  assert.is((await asked('GET', 'wss://docs.example.org/', { plan })).rule, 'upgrade');
});

test('an exposed pipelock is told of: what it lets past the rules of egress', async () => {
  const plan = planWith(['egress'], exposed(['egress']));
  const { verdict, notes } = await asked('POST', 'https://api.github.com/anything', { plan });
  assert.is(verdict, 'refused');
  assert.match(notes.join('\n'), /exposed: dialled directly it lets this through/);
  assert.not.match((await asked('POST', 'https://api.github.com/anything')).notes.join('\n'), /exposed/);
});

test('both shapes give the same answer', async () => {
  const split = { ...FULL, sidecars: { ...FULL.sidecars, shape: 'split' as const } };
  for (const url of ['https://docs.example.org/', 'https://evil.example/', 'https://docs.example.org:8443/']) {
    assert.equal(await asked('GET', url, { plan: split }), await asked('GET', url));
  }
});

async function rejects(url: string, message: RegExp, method = 'GET'): Promise<void> {
  try {
    await asked(method, url);
  } catch (error) {
    assert.instance(error, BottleError);
    const { code, fix, exitCode, message: said } = error as BottleError;
    assert.match(said, message);
    assert.match(code, /^usage\//);
    assert.ok(fix);
    assert.is(exitCode, 2);
    return;
  }
  assert.unreachable(url);
}

test('what no client could send is a usage error that says why', async () => {
  await rejects('docs.example.org/x', /has no scheme/);
  await rejects('ftp://docs.example.org/', /scheme ftp/);
  await rejects('ssh://git@git.example.org/x', /scheme ssh/);
  await rejects('https:///x', /no plain host/);
  await rejects('https://docs.example.org:0/', /port 0/);
  await rejects('https://docs.example.org:70000/', /port 70000/);
  await rejects('https://docs.example.org/a b', /white space/);
  await rejects('https://%64ocs.example.org/', /percent sign/);
  await rejects('https://a]b/', /no plain host/);
  await rejects('https://docs.example.org/', /method/, 'G ET');
});

test.run();
