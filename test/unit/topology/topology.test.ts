import * as assert from 'uvu/assert';
import {
  type BottlePlan,
  DAEMON_PORT,
  DAEMONS,
  type Daemon,
  daemonsOf,
  servingNetwork,
} from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { LOOPBACK, reach, type Topology, topologyOf } from '../../../lib/topology/index.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { EVERY_PLAN, edited } from './documents.ts';

const test = suite('topology');
const of = (plan: BottlePlan): Topology => topologyOf(renderedBottle(plan));
const split = (plan: BottlePlan): BottlePlan => ({ ...plan, sidecars: { ...plan.sidecars, shape: 'split' } });

/** Said from the plan alone: whom the agent may dial (domain §2, difference 1). */
const agentFacing = ({ sidecars }: BottlePlan): readonly Daemon[] =>
  sidecars.daemons.filter(
    (daemon) => daemon !== 'pipelock' || sidecars.egress === undefined || sidecars.pipelock.exposed,
  );

for (const { name, plan } of EVERY_PLAN) {
  test(`the agent reaches its daemons and nothing else: ${name}`, () => {
    const topology = of(plan);
    const reached = DAEMONS.filter((daemon) => reach(topology, 'agent', daemon).reachable);
    assert.equal(reached, agentFacing(plan));
    for (const outside of ['internet', 'host', 'neighbours']) {
      const { reachable, because } = reach(topology, 'agent', outside);
      assert.not(reachable, because);
      assert.not(reach(topology, outside, 'agent').reachable);
      for (const daemon of plan.sidecars.daemons) {
        const answer = reach(topology, outside, daemon);
        assert.not(answer.reachable, `${outside} ${daemon}: ${answer.because}`);
      }
    }
  });

  test(`every daemon listens where the plan says, and nowhere else: ${name}`, () => {
    const { listeners } = of(plan);
    for (const daemon of plan.sidecars.daemons) {
      const serving = listeners.filter((one) => one.daemon === daemon && one.port === DAEMON_PORT[daemon]);
      const network = servingNetwork(plan, daemon);
      const wanted = network === 'inner' && plan.sidecars.shape === 'bundle' ? LOOPBACK : network;
      assert.equal(
        serving.map(({ on }) => on),
        [wanted],
        daemon,
      );
      const others = listeners.filter((one) => one.daemon === daemon && one.port !== DAEMON_PORT[daemon]);
      assert.ok(others.every(({ on }) => on === LOOPBACK));
    }
  });

  test(`what leaves the bottle leaves by the egress network: ${name}`, () => {
    const topology = of(plan);
    const { shape, daemons } = plan.sidecars;
    for (const daemon of daemons) {
      const leaves = shape === 'bundle' || daemon === 'pipelock' || daemon === 'git-gate';
      assert.is(reach(topology, daemon, 'internet').reachable, leaves, daemon);
    }
    const outward = topology.networks.filter(({ isolated }) => !isolated).map((network) => network.name);
    assert.equal(outward, topology.networks.some(({ name: key }) => key === 'egress') ? ['egress'] : []);
  });
}

test('egress reaches pipelock by the loopback in the bundle and by the inner network in the split shape', () => {
  assert.ok(reach(of(fullMatrix()), 'egress', 'pipelock').reachable);
  const { reachable, because } = reach(of(split(fullMatrix())), 'egress', 'pipelock');
  assert.ok(reachable);
  assert.match(because, 'network inner');
  assert.match(because, '8888');
});

test('an answer names networks and ports', () => {
  const topology = of(fullMatrix());
  assert.is(
    reach(topology, 'agent', 'egress').because,
    'agent is on network internal, on which egress listens on port 9099',
  );
  assert.is(
    reach(topology, 'agent', 'pipelock').because,
    'agent is on network internal; pipelock listens on port 8888 of the loopback of sidecars and port 9190 of the loopback of sidecars only',
  );
  assert.is(reach(topology, 'agent', 'internet').because, 'agent is on network internal, with no way out');
});

test('a daemon that the bottle has not is reached by nobody, and a word that means nothing is an error', () => {
  const topology = of(planWith([]));
  assert.equal(reach(topology, 'agent', 'git-gate'), { reachable: false, because: 'the bottle has no git-gate' });
  assert.throws(() => reach(topology, 'agent', 'nowhere'), /known: agent, egress, pipelock/);
});

test('containers are known by the names that the engine gives them, each on the networks of its own', () => {
  const topology = of(split(fullMatrix()));
  const egress = topology.containers.find(({ service }) => service === 'egress');
  assert.equal(egress?.names.get('egress'), ['internal', 'inner']);
  assert.equal(egress?.names.get('listen-egress-demo-abc12'), ['internal']);
  assert.equal(daemonsOf('egress', DAEMONS, 'split'), egress?.daemons);
});

/** Edits of one service, what they open, and to whom. */
const OPENINGS: readonly (readonly [string, Parameters<typeof edited>[1], string, string])[] = [
  [
    'the network with a way out',
    (s) => Object.assign(s['agent'] ?? {}, { networks: ['internal', 'egress'] }),
    'agent',
    'internet',
  ],
  ['no network named', (s) => delete s['agent']?.['networks'], 'agent', 'internet'],
  ['the namespace of the host', (s) => Object.assign(s['agent'] ?? {}, { network_mode: 'host' }), 'agent', 'host'],
  ['the default bridge', (s) => Object.assign(s['agent'] ?? {}, { network_mode: 'bridge' }), 'agent', 'internet'],
  [
    'the namespace of the bundle',
    (s) => Object.assign(s['agent'] ?? {}, { network_mode: 'service:sidecars' }),
    'agent',
    'pipelock',
  ],
  [
    'the namespace of the bundle by container name',
    (s) => Object.assign(s['agent'] ?? {}, { network_mode: 'container:claude-bottle-sidecars-demo-abc12' }),
    'agent',
    'internet',
  ],
  [
    'the namespace of an unknown container',
    (s) => Object.assign(s['agent'] ?? {}, { network_mode: 'container:else' }),
    'agent',
    'host',
  ],
  ['the processes of the host', (s) => Object.assign(s['agent'] ?? {}, { pid: 'host' }), 'agent', 'host'],
  [
    'the processes of the bundle',
    (s) => Object.assign(s['agent'] ?? {}, { pid: 'service:sidecars' }),
    'agent',
    'pipelock',
  ],
  [
    'its own processes to the bundle',
    (s) => Object.assign(s['sidecars'] ?? {}, { pid: 'service:agent' }),
    'agent',
    'pipelock',
  ],
  [
    'shared memory with the bundle',
    (s) => Object.assign(s['agent'] ?? {}, { ipc: 'service:sidecars' }),
    'agent',
    'pipelock',
  ],
  ['a published port', (s) => Object.assign(s['sidecars'] ?? {}, { ports: ['9099:9099'] }), 'internet', 'egress'],
  [
    'a port published on the loopback',
    (s) => Object.assign(s['sidecars'] ?? {}, { ports: [{ target: 9099, published: 9099, host_ip: '127.0.0.1' }] }),
    'host',
    'egress',
  ],
  [
    'a listen name on the egress network',
    (s) =>
      Object.assign(s['sidecars'] ?? {}, {
        networks: { internal: null, egress: { aliases: ['claude-bottle-egress-demo-abc12'] } },
      }),
    'host',
    'egress',
  ],
  [
    'an internal network that is none',
    (_, d) => Object.assign(d.networks['internal'] ?? {}, { internal: false }),
    'agent',
    'internet',
  ],
  ['an internal network with an address', (_, d) => delete d.networks['internal']?.['driver_opts'], 'agent', 'host'],
  [
    'an internal network with IPv6',
    (_, d) => Object.assign(d.networks['internal'] ?? {}, { enable_ipv6: true }),
    'agent',
    'host',
  ],
  [
    'an internal network of someone else',
    (_, d) => Object.assign(d.networks, { internal: { name: 'x', external: true } }),
    'agent',
    'neighbours',
  ],
  [
    'two names of one network',
    (_, d) => Object.assign(d.networks['internal'] ?? {}, { name: 'claude-bottle-demo-abc12_egress' }),
    'agent',
    'internet',
  ],
];

for (const [what, edit, from, to] of OPENINGS) {
  test(`${what}: ${to} is open to ${from}`, () => {
    const { reachable, because } = reach(topologyOf(edited(fullMatrix(), edit)), from, to);
    assert.ok(reachable, because);
    assert.ok(because.length > 0);
  });
}

test('a published port is none to the agent, which does not reach the host', () => {
  const bottle = edited(fullMatrix(), (services) =>
    Object.assign(services['sidecars'] ?? {}, { ports: ['8888:8888'] }),
  );
  assert.not(reach(topologyOf(bottle), 'agent', 'pipelock').reachable);
});

test('an inner hop that listens on the name of the bundle is reachable', () => {
  const bottle = renderedBottle(fullMatrix());
  const file = 'pipelock/pipelock.yaml';
  const opened = bottle.files[file]?.replace('127.0.0.1:8888', 'claude-bottle-egress-demo-abc12:8888') ?? '';
  const topology = topologyOf({ ...bottle, files: { ...bottle.files, [file]: opened } });
  assert.ok(reach(topology, 'agent', 'pipelock').reachable);
});

test('a listen address that cannot be read, a wildcard and an unknown name count as every network', () => {
  const bottle = renderedBottle(fullMatrix());
  for (const text of ['version: 1\n', 'listen: 0.0.0.0:9099\n', 'listen: ":9099"\n', 'listen: elsewhere:9099\n']) {
    const { listeners } = topologyOf({ ...bottle, files: { ...bottle.files, 'egress/routes.yaml': text } });
    const on = listeners.filter(({ daemon }) => daemon === 'egress').map((one) => one.on);
    assert.equal(on, ['internal', 'egress', LOOPBACK], text);
  }
});

test.run();
