/** Compose keeps networks, and containers on them, as they were made; deploy must not: a closed way would stay open. */

import { randomBytes } from 'node:crypto';
import { Network } from 'claude-bottle';
import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { docker, identity, openStage, route, type Stage } from './stage.ts';

const test = suite('networks of a bottle that runs', { timeoutMs: 600_000 });

const SLUG = `netstest-${randomBytes(3).toString('hex')}`;
const LAB = `${SLUG}-lab`;
const AGENT = `claude-bottle-${SLUG}`;
const SIDECARS = `claude-bottle-sidecars-${SLUG}`;
const BASE = { slug: SLUG, routes: [route('docs.example.test')] };
const [FIRST, SECOND] = ['10.213.77.0/28', '10.213.77.16/28'];

const opened: Stage[] = [];
function stage(): Stage {
  const [only] = opened;
  if (only === undefined) throw new Error('the stage did not open');
  return only;
}

const placesOf = async (container: string): Promise<readonly string[]> => {
  const text = await docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', container);
  return Object.keys(JSON.parse(text) as object).sort();
};

const subnetOf = (network: string): Promise<string> =>
  docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Subnet}}', network);

test.before(async () => {
  opened.push(await openStage());
  await docker('network', 'create', LAB);
});
test.after(async () => {
  for (const one of opened) {
    await one.destroy(SLUG, { volumes: true, yes: true });
    one.close();
  }
  await docker('network', 'rm', LAB);
});

test('sidecars leave a network that the definition has left, and the agent stays as it is', async () => {
  const s = stage();
  s.synth({ ...BASE, egressNetwork: Network.external(LAB) });
  await s.deploy();
  assert.equal(await placesOf(SIDECARS), [`claude-bottle-${SLUG}_internal`, LAB].sort());
  const agent = await identity(AGENT);

  s.synth({ ...BASE, egressNetwork: Network.managed({ subnet: FIRST }) });
  await s.deploy();
  assert.equal(await placesOf(SIDECARS), [`claude-bottle-${SLUG}_egress`, `claude-bottle-${SLUG}_internal`]);
  assert.is(await subnetOf(`claude-bottle-${SLUG}_egress`), FIRST);
  assert.is(await identity(AGENT), agent);
  assert.is((await s.deploy()).bottles[0]?.outcome, 'unchanged');
});

test('a subnet that the definition has changed is that of the network', async () => {
  const s = stage();
  s.synth({ ...BASE, egressNetwork: Network.managed({ subnet: SECOND }) });
  const [bottle] = (await s.deploy()).bottles;
  assert.ok(bottle?.changes.includes('sidecars: recreated'), bottle?.changes.join());
  assert.is(await subnetOf(`claude-bottle-${SLUG}_egress`), SECOND);
});

test('a container that somebody has put on another network is taken off it by the next deploy', async () => {
  const s = stage();
  await docker('network', 'connect', LAB, AGENT);
  assert.ok((await placesOf(AGENT)).includes(LAB));
  await s.deploy();
  assert.equal(await placesOf(AGENT), [`claude-bottle-${SLUG}_internal`]);
  assert.is((await s.deploy()).bottles[0]?.outcome, 'unchanged');
});

test.run();
