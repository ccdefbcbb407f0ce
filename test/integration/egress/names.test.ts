/** The real chain, egress and the scanner, before a DNS server that records: for what is refused no name is resolved. */

import * as assert from 'uvu/assert';
import { ATTACKS } from './attacks.ts';
import { egressSuite } from './egress-suite.ts';
import { header, isRefusal, last } from './judging.ts';
import type { Arrival } from './rig.ts';
import { TOKENS } from './routes.ts';
import { fields, https, tunnel } from './steps.ts';

const { test, rig, run } = await egressSuite('names behind egress', {
  chain: { hosts: ['docs.test', 'basic.test', 'key.test'] },
});

const namesIn = (arrivals: readonly Arrival[]): readonly (string | undefined)[] =>
  arrivals.filter(({ event }) => event === 'dns').map(({ name }) => name);

function tests(): void {
  test('a request that is allowed resolves its name, behind egress, and arrives', async () => {
    const answer = last((await rig().probe(https('docs.test', 'GET /echo/body/first')))[0]);
    assert.is(answer.status, 200, JSON.stringify(answer));
    const names = namesIn(await rig().arrivals());
    assert.ok(names.includes('docs.test'), 'the DNS server saw no query, so its silence proves nothing');
    await rig().inEgress('sh', '-c', 'getent hosts control.test || true');
    assert.ok(
      namesIn(await rig().arrivals()).includes('control.test'),
      "egress's own resolver is not the recorded one",
    );
  });

  test('no attack resolves a name or reaches the origin', async () => {
    const before = (await rig().arrivals()).length;
    const answers = await rig().probe(...ATTACKS.map(({ steps }) => steps));
    const passed = ATTACKS.filter((_, index) => {
      const answer = last(answers[index]);
      const { status } = answer.streams?.at(-1) ?? answer;
      return status >= 200 && status < 400;
    });
    assert.equal(
      passed.map(({ name }) => name),
      [],
    );
    assert.equal((await rig().arrivals()).slice(before), []);
  });

  test('a host that egress lists and pipelock does not is refused before its name is resolved', async () => {
    const before = (await rig().arrivals()).length;
    const answer = last((await rig().probe(https('dead.test', 'GET /')))[0]);
    isRefusal(answer, 'pipelock');
    assert.equal((await rig().arrivals()).slice(before), []);
  });

  test('a credential goes through the scanner, and does not come back', async () => {
    const [whole, h2] = await rig().probe(https('basic.test', 'GET /echo/pieces/5'), [
      ...tunnel('key.test', 'key.test', ['h2']),
      { h2: [fields('key.test', '/echo/head')] },
    ]);
    const basic = `Basic ${Buffer.from(`bot:${TOKENS.EGRESS_TOKEN_0}`).toString('base64')}`;
    const sent = (await rig().arrivals()).find(({ line }) => line?.includes('/echo/pieces/5'));
    assert.equal(header(sent, 'authorization'), [basic]);
    assert.is(last(whole).status, 200);
    assert.match(last(whole).body, /"[Aa]uthorization": "Basic \*{20}"/);
    const stream = last(h2).streams?.[0];
    assert.is(stream?.status, 200, JSON.stringify(h2));
    assert.match(stream?.head ?? '', /\*{13}/);
    assert.not.ok(JSON.stringify([whole, h2]).includes('s3cr3t'), 'the credential came back');
  });
}

run('no name is resolved for what is refused', tests);
