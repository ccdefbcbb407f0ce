/** What init, health, apply and egress count on from whatever stands in pipelock's slot (docs/reference/scanner.md). */

import { createConnection } from 'node:net';
import { execaSync } from 'execa';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { type Answer, httpsRequest, openTunnel, rawExchange } from '../unit/scanner/support/client.ts';
import { CASES, type Case, expectedOf, type Request } from './cases.ts';
import { type LoggedEvent, Rig } from './rig.ts';

const test = suite("what stands in pipelock's slot", { timeoutMs: 300_000 });
const rig = new Rig();

async function ask({ by, host = 'api.test', ...request }: Request): Promise<Answer> {
  if (by === 'connect') {
    const fields = ['Host: ', ...(request.fields ?? [])].map((line, index) =>
      index === 0 ? `Host: ${host}:443` : line,
    );
    const { answer, socket } = await openTunnel(rig.proxy, `${host}:443`, `${fields.join('\r\n')}\r\n`);
    socket.destroy();
    return answer;
  }
  if (by === 'http') {
    const line = `${request.method ?? 'GET'} http://${host}${request.path ?? '/'} HTTP/1.1`;
    return rawExchange(rig.proxy, [line, `Host: ${host}`, ...(request.fields ?? []), '', ''].join('\r\n'));
  }
  const ca = host === 'pass.test' ? rig.cas.origin.pem : rig.cas.proxy.pem;
  return httpsRequest(rig.proxy, { ca, authority: `${host}:443`, ...request });
}

const bodyLine = ({ body }: Answer): string => body.replace(/\n$/, '');

function checks(one: Case): void {
  test(one.name, async () => {
    const { status, line, scanner } = expectedOf(one, rig.engine.name);
    await rig.forget();
    const before = scanner === undefined ? 0 : (await rig.events()).length;
    const answer = await ask(one.request).catch((): Answer => ({ status: 0, head: '', body: '' }));
    assert.is(answer.status, status, answer.body.slice(0, 300));
    if (typeof line === 'string') assert.is(bodyLine(answer), line, bodyLine(answer));
    else if (line !== undefined) assert.match(bodyLine(answer), line, bodyLine(answer));
    const { arrivals } = await rig.log();
    if (one.request.by !== 'connect' && !/compressed response|over the cap/.test(one.name)) {
      assert.is(arrivals.length, status === 200 ? 1 : 0);
    }
    if (scanner === undefined) return;
    const isIt = (event: LoggedEvent) => event['event'] === 'blocked' && event['scanner'] === scanner;
    assert.type((await rig.event(isIt, `blocked by ${scanner}`, before))['reason'], 'string');
  });
}

function words(): void {
  test('it tells its version, and exits 0', async () => {
    const { code, text } = await rig.runOnce('version');
    assert.is(code, 0);
    assert.match(text, /^pipelock version \d+\.\d+\.\d+/);
  });

  test('it does not start on a configuration with an unknown key, a bad mode, a missing CA, or on none', async () => {
    rig.write((config) => {
      config['what'] = 1;
    });
    assert.is((await rig.runOnce('run', '--config', '/etc/pipelock/pipelock.yaml')).code, 1);
    rig.write((config) => {
      config['mode'] = 'sometimes';
    });
    assert.is((await rig.runOnce('run', '--config', '/etc/pipelock/pipelock.yaml')).code, 1);
    rig.write((config) => {
      Object.assign(config['tls_interception'] as object, { ca_key: '/etc/pipelock/none.pem' });
    });
    assert.is.not((await rig.runOnce('run', '--config', '/etc/pipelock/pipelock.yaml')).code, 0);
    rig.writeText('api_allowlist: [');
    assert.is((await rig.runOnce('run', '--config', '/etc/pipelock/pipelock.yaml')).code, 1);
    assert.is((await rig.runOnce('run', '--config', '/etc/pipelock/none.yaml')).code, 1);
  });

  test('its health check fails where nothing listens', async () => {
    assert.is.not((await rig.runOnce('healthcheck')).code, 0);
  });
}

function lifecycle(): void {
  test('it announces the hash of its policy at start, answers health, and ends on SIGTERM with 0', async () => {
    const hash = await rig.start();
    const startup = await rig.event(({ event }) => event === 'startup', 'startup');
    assert.is(startup['config_hash'], hash);
    const { status, body } = await rawExchange(
      rig.proxy,
      'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    assert.is(status, 200);
    assert.match(body, /"status":\s*"healthy"/);
    await rig.signal('TERM');
    assert.is(await rig.exitCode(), 0);
  });

  test('a new allowlist is taken by a rename alone, and by SIGHUP', async () => {
    await rig.start();
    assert.is((await ask({ by: 'connect', host: 'other.test' })).status, 403);
    const hash = rig.write((config) => {
      config['api_allowlist'] = ['other.test'];
    });
    const taken = (wanted: string) => (event: Record<string, unknown>) =>
      event['event'] === 'config_reload' && event['config_hash'] === wanted;
    await rig.event(taken(hash), 'config_reload');
    assert.is((await ask({ by: 'connect', host: 'other.test' })).status, 200);
    assert.is((await ask({ by: 'connect' })).status, 403);
    const again = rig.write();
    await rig.signal('HUP');
    await rig.event(taken(again), 'config_reload');
    assert.is((await ask({ by: 'connect' })).status, 200);
  });

  const weaker: Readonly<Record<string, (config: Record<string, unknown>) => void>> = {
    'a host more is trusted': (config) => {
      config['trusted_domains'] = ['corp.test', 'other.test'];
    },
    'a host more is passed through': (config) => {
      Object.assign(config['tls_interception'] as object, { passthrough_domains: ['pass.test', 'other.test'] });
    },
  };
  for (const [name, change] of Object.entries(weaker)) {
    test(`a policy in which ${name} is refused whole, and said so`, async () => {
      await rig.start();
      const hash = rig.write((config) => {
        change(config);
        config['api_allowlist'] = ['other.test'];
      });
      const event = await rig.event(({ method }) => method === 'CONFIG_RELOAD', 'CONFIG_RELOAD');
      assert.is(event['event'], 'error');
      assert.is(event['error'], 'rejected: security downgrade from strict mode');
      assert.is((await ask({ by: 'connect', host: 'other.test' })).status, 403);
      assert.is((await ask({ by: 'connect' })).status, 200);
      assert.not((await rig.events()).some(({ config_hash }) => config_hash === hash));
    });
  }

  test('a policy that cannot be read is refused, and said so', async () => {
    await rig.start();
    for (const text of ['api_allowlist: [', 'version: 1\nmode: strict\nwhat: 1\n']) {
      rig.writeText(text);
      await rig.outputHas('pipelock: config reload failed');
      assert.is((await ask({ by: 'connect' })).status, 200);
    }
  });

  test('one request too many in a minute is a 429', async () => {
    await rig.start((config) => {
      config['fetch_proxy'] = { listen: '0.0.0.0:8888', monitoring: { max_requests_per_minute: 4 } };
    });
    const answers: Answer[] = [];
    for (let index = 0; index < 4; index += 1) answers.push(await ask({ by: 'https' }));
    assert.is(answers[0]?.status, 200);
    const last = answers.at(-1);
    assert.is(last?.status, 429);
    assert.match(last?.body ?? '', /^CONNECT blocked: rate limit exceeded for /);
  });

  test('a killed engine takes its port with it: nothing is waved through', async () => {
    await rig.start();
    assert.is((await ask({ by: 'https' })).status, 200);
    await rig.signal('KILL');
    await rig.exitCode();
    const to = typeof rig.proxy === 'number' ? { port: rig.proxy } : rig.proxy;
    const failure = await new Promise<string>((resolve) => {
      const socket = createConnection({ ...to, timeout: 2_000 }, () => resolve('connected'));
      socket.on('error', (error) => resolve(error.message));
      socket.on('timeout', () => resolve('timeout'));
    });
    assert.is.not(failure, 'connected');
  });
}

function rebinding(): void {
  test('a name whose second answer is internal is dialled at its first, or not at all', async () => {
    await rig.start();
    await rig.forget();
    const { status } = await ask({ by: 'https', host: 'rebind.wild.test' });
    const { arrivals, queries } = await rig.log();
    const asked = queries.filter((query) => query === 'rebind.wild.test 1').length;
    if (rig.engine.name === 'builtin') {
      assert.is(status, 200);
      assert.is(asked, 1, 'resolved once, and that answer was judged and dialled');
      assert.is(arrivals.length, 1);
    } else {
      // It resolves to judge and again to dial, and judges the second answer, too.
      assert.is.not(status, 200);
      assert.is(arrivals.length, 0);
    }
    // The name server has turned by now: what follows is judged afresh.
    const later = await ask({ by: 'https', host: 'rebind.wild.test' });
    assert.is(later.status, 403);
    assert.match(later.body, /resolves to internal IP 10\.99\.0\.1/);
  });

  test('what is refused by its host is never asked of a name server', async () => {
    await rig.forget();
    for (const host of ['evil.test', 'api.test.evil.test', `${'q7w2e9r4t1y6u3i8o5p0asdfgh'}.wild.test`]) {
      assert.is((await ask({ by: 'connect', host })).status, 403);
    }
    assert.equal((await rig.log()).queries, []);
    assert.is((await ask({ by: 'connect', host: 'api.test' })).status, 200);
    assert.ok((await rig.log()).queries.includes('api.test 1'));
  });
}

const engine = execaSync('docker', ['version'], { reject: false });
if (engine.exitCode === 0) {
  test.before(() => rig.setUp());
  test.after(() => rig.tearDown());
  words();
  lifecycle();
  rebinding();
  test('it is up for the requests that follow', async () => {
    await rig.start();
  });
  for (const one of CASES) checks(one);
} else {
  test.skip('everything', 'no container engine answers');
}

test.run();
