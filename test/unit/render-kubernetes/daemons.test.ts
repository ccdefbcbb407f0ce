/** What the pods give to the daemons, read by the daemons' own code. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { listenParts, parseConfig as parseGitGate } from '../../../images/sidecars/git-gate/config.ts';
import { daemonEnvironment } from '../../../images/sidecars/init/daemon-table.ts';
import { daemonIdentities } from '../../../images/sidecars/init/identity.ts';
import { listenAddressIn } from '../../../images/sidecars/init/listen-address.ts';
import { selectedDaemons } from '../../../images/sidecars/init/selection.ts';
import { parseConfig as parseScanner } from '../../../images/sidecars/scanner/config/load.ts';
import { readConfig as readSupervise } from '../../../images/sidecars/supervise/config.ts';
import { Queue } from '../../../images/sidecars/supervise/queue.ts';
import { CONFIG_FILE, DAEMON_PORT, type Daemon, daemonNamed } from '../../../lib/plan/index.ts';
import { fullMatrix, planWith } from '../../support/plans.ts';
import { suite } from '../../support/suite.ts';
import { everything } from './plans.ts';
import { type Container, containerOf, type Manifest, manifestsOf, podOf, volumeAt } from './rendered.ts';

const test = suite('daemons in a pod');

const scratch = mkdtempSync(join(tmpdir(), 'claude-bottle-pod-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

const full = manifestsOf(fullMatrix());

/** The text of the file that the daemon of `container` reads, by way of what is mounted. */
function configText(all: readonly Manifest[], container: Container, daemon: Daemon): string {
  const path = CONFIG_FILE[daemon];
  const slash = path.lastIndexOf('/');
  const volume = volumeAt(podOf(all, 'sidecars'), container, path.slice(0, slash));
  const found = all.find((one) => one.kind === 'ConfigMap' && one.metadata.name === volume.configMap?.name);
  return found?.data?.[path.slice(slash + 1)] ?? '';
}

/** The literal variables of a container as the kubelet sets them. */
const variables = ({ env = [] }: Container): Record<string, string> =>
  Object.fromEntries(env.map(({ name, value = 'secret' }) => [name, value.replaceAll('$$', '$')]));

for (const container of podOf(full, 'sidecars').containers) {
  test(`the init of ${container.name}'s container starts that daemon, as the user that the container has`, () => {
    const { daemons, unknown } = selectedDaemons(variables(container)['CLAUDE_BOTTLE_SIDECAR_DAEMONS']);
    assert.equal([daemons, unknown], [[container.name], []]);
    const uid = Number(container.securityContext['runAsUser']);
    assert.equal(daemonIdentities(daemons, { uid, capabilities: 0n }, 10_000), { kind: 'own' });
  });
}

test('each daemon probes the address that it binds: the host name of its pod, or the loopback for an inner hop', () => {
  const { containers, hostname } = podOf(full, 'sidecars');
  const addresses = containers.flatMap((container) => {
    const daemon = daemonNamed(container.name);
    return daemon === undefined ? [] : [listenAddressIn(daemon, configText(full, container, daemon))];
  });
  assert.equal(addresses, [
    { host: hostname, port: DAEMON_PORT.egress },
    { host: '127.0.0.1', port: DAEMON_PORT.pipelock },
    { host: hostname, port: DAEMON_PORT['git-gate'] },
    { host: hostname, port: DAEMON_PORT.supervise },
  ]);
});

test('the scanner, git-gate and supervise accept their configuration', () => {
  for (const plan of [fullMatrix(), everything(), planWith(['git-gate', 'supervise'])]) {
    const all = manifestsOf(plan);
    const pod = podOf(all, 'sidecars');
    const text = (daemon: Daemon): string => configText(all, containerOf(pod, daemon), daemon);
    parseScanner(Buffer.from(text('pipelock')), 'pipelock.yaml');
    assert.equal(listenParts(parseGitGate(text('git-gate')).listen), { host: pod.hostname, port: 9418 });
    const file = join(scratch, 'supervise.json');
    writeFileSync(file, text('supervise'));
    const supervise = containerOf(pod, 'supervise');
    const config = readSupervise(daemonEnvironment('supervise', variables(supervise)), file);
    assert.is(config.host, pod.hostname);
    assert.ok(supervise.volumeMounts.some(({ mountPath }) => mountPath === config.queueDirectory));
  }
});

test('a daemon gets the variables of its own and no others from its init', () => {
  const names = (daemon: Daemon): readonly string[] =>
    Object.keys(daemonEnvironment(daemon, variables(containerOf(podOf(full, 'sidecars'), daemon))))
      .filter((name) => !['PATH', 'HOME', 'LANG'].includes(name))
      .sort();
  assert.equal(names('egress'), ['EGRESS_TOKEN_0', 'EGRESS_TOKEN_1', 'EGRESS_UPSTREAM_CA', 'EGRESS_UPSTREAM_PROXY']);
  assert.equal(names('pipelock'), []);
  assert.equal(names('git-gate'), []);
  assert.equal(names('supervise'), ['SUPERVISE_BOTTLE_SLUG', 'SUPERVISE_PORT', 'SUPERVISE_QUEUE_DIR']);
});

test('supervise refuses a fresh volume as its queue, and takes what the step before it makes, twice', async () => {
  const volume = join(scratch, 'volume');
  mkdirSync(volume);
  await execa('chmod', ['0777', volume]);
  const refused = await new Queue(volume, () => {}).check().catch((error: Error) => error.message);
  assert.match(String(refused), /open to others, want mode 2770/);
  const { command: [shell = '', ...words] = [] } = containerOf(podOf(full, 'sidecars'), 'queue');
  for (const _ of ['first', 'again'])
    await execa(
      shell,
      words.map((word) => word.replaceAll('/volume', volume)),
    );
  await new Queue(join(volume, 'queue'), () => {}).check();
});

test.run();
