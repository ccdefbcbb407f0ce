import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { extraBuildCA } from '../../lib/deploy/images/extra-ca.ts';
import {
  type AgentImage,
  ensureAgentImage,
  ensureSidecarImage,
  readLock,
  type SidecarImage,
} from '../../lib/deploy/images/index.ts';
import { silent } from '../../lib/deploy/progress.ts';
import { CONFIG_DIR, DAEMON_UID, PRIVATE_DIR, SECRET_DIR, TRUST_DIR } from '../../lib/plan/index.ts';
import { startRegistry } from '../support/registry.ts';
import { suite } from '../support/suite.ts';

const test = suite('images', { timeoutMs: 600_000 });
const projectDir = mkdtempSync(join(tmpdir(), 'claude-bottle-images-test-'));
const options = { projectDir, env: process.env, progress: silent };
const MEGABYTE = 1_000_000;

let sidecars: SidecarImage;
let agent: AgentImage;

test.before(async () => {
  sidecars = await ensureSidecarImage({ ...options, engine: null });
  agent = await ensureAgentImage(options);
});
test.after(() => rmSync(projectDir, { recursive: true, force: true }));

/** Runs a shell line in a hardened container of `image` and gives its stdout. */
async function inside(image: string, line: string, flags: readonly string[] = []): Promise<string> {
  const hardened = [
    '--network=none',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--read-only',
    '--tmpfs=/tmp',
  ];
  const { stdout } = await execa('docker', [
    'run',
    '--rm',
    ...hardened,
    ...flags,
    '--entrypoint=sh',
    image,
    '-euc',
    line,
  ]);
  return stdout;
}

/** A line of each certificate that tells it from others: its last full one, of the signature. */
const certificateMarkers = (pem: string): string[] =>
  [...pem.matchAll(/\n([A-Za-z0-9+/=]{64})\n[A-Za-z0-9+/=]*\n-----END CERTIFICATE/g)].map(([, line = '']) => line);

/** Those of `markers` that a file of `image` holds. */
async function markersInFiles(image: string, markers: readonly string[]): Promise<string[]> {
  const { stdout: container } = await execa('docker', ['create', image, 'true']);
  try {
    const found = new Set<string>();
    let rest = Buffer.alloc(0);
    const archive = execa('docker', ['export', container], { encoding: 'buffer', buffer: false });
    for await (const chunk of archive.iterable({ binary: true })) {
      const window = Buffer.concat([rest, chunk]);
      for (const marker of markers) if (window.includes(marker)) found.add(marker);
      rest = window.subarray(-128);
    }
    await archive;
    return markers.filter((marker) => found.has(marker));
  } finally {
    await execa('docker', ['rm', container]);
  }
}

async function config(image: string) {
  const { stdout } = await execa('docker', ['image', 'inspect', '--format', '{{json .}}', image]);
  return JSON.parse(stdout) as {
    Size: number;
    Config: { Entrypoint: string[]; Env: string[]; Labels: Record<string, string>; User: string };
  };
}

test('a second request builds nothing', async () => {
  const [again, agentAgain] = [await ensureSidecarImage({ ...options, engine: null }), await ensureAgentImage(options)];
  assert.equal([again.built, agentAgain.built], [false, false]);
  assert.equal([again.id, agentAgain.id], [sidecars.id, agent.id]);
});

test('the sidecar image runs every program that the daemons need', async () => {
  const line =
    'mitmdump --version; gitleaks version; git --version; ssh -V 2>&1; tini --version; node --version; perl -v';
  const output = await inside(sidecars.tag, line);
  for (const wanted of [
    'Mitmproxy: 12.2.3',
    '8.30.1',
    'git version 2.',
    'OpenSSH_',
    'tini version',
    'v24.',
    'perl 5',
  ]) {
    assert.match(output, wanted);
  }
});

test('its own programs are at the paths of the bundle’s contract, whole and executable', async () => {
  const scripts = ['egress_entrypoint.sh', 'pipelock_entrypoint.sh', 'git-gate_entrypoint.sh', 'bundle-health'];
  const bundles = ['init', 'scanner', 'git-gate', 'supervise'];
  await inside(
    sidecars.tag,
    [
      ...scripts.map((name) => `test -x /usr/local/bin/${name}`),
      ...bundles.map((name) => `node --check /opt/claude-bottle/${name}.cjs`),
      'test -x /pipelock',
      'python3 -c "import sys; sys.path.insert(0, \'/opt/claude-bottle/egress\'); import egress_addon"',
    ].join('\n'),
  );
});

test('what stands in pipelock’s slot is what the label says', async () => {
  const { Labels } = (await config(sidecars.tag)).Config;
  assert.is(Labels['claude-bottle.scanner'], sidecars.scanner);
  const slot = await inside(sidecars.tag, 'head -c 64 /pipelock | od -An -c | head -2');
  assert.is(slot.replace(/\s/g, '').startsWith('#!/bin/sh'), sidecars.scanner === 'builtin');
});

test('every identity and mount point of the contract exists, with its owner', async () => {
  const uids = await inside(sidecars.tag, 'getent passwd egress pipelock git-gate supervise | cut -d: -f1,3,4');
  assert.equal(
    uids.split('\n').sort(),
    Object.entries(DAEMON_UID)
      .map(([name, uid]) => `${name}:${uid}:${uid}`)
      .sort(),
  );
  const owned = {
    [PRIVATE_DIR.egress]: 10001,
    [PRIVATE_DIR.pipelock]: 10002,
    [PRIVATE_DIR['git-gate']]: 10003,
    '/git': 10003,
  };
  const rootOwned = [
    ...Object.values(CONFIG_DIR),
    ...Object.values(SECRET_DIR),
    TRUST_DIR,
    '/run/claude-bottle',
    '/opt/claude-bottle',
  ];
  const expected = [...Object.entries(owned), ...rootOwned.map((path) => [path, 0] as const)];
  const output = await inside(sidecars.tag, `stat -c '%n %u' ${expected.map(([path]) => path).join(' ')}`);
  assert.equal(
    output.split('\n'),
    expected.map(([path, uid]) => `${path} ${uid}`),
  );
});

test('the init is the entry point, behind a reaper', async () => {
  const { Entrypoint } = (await config(sidecars.tag)).Config;
  assert.equal(Entrypoint, ['tini', '-s', '--', 'node', '/opt/claude-bottle/init.cjs']);
});

test('the agent image answers `claude --version` as uid 1000 on a read-only root without capabilities', async () => {
  assert.is(await inside(agent.tag, 'id -u'), '1000');
  assert.match(await inside(agent.tag, 'claude --version'), /^2\.1\.330 /);
  await inside(
    agent.tag,
    'git --version; curl --version; node --version; npm --version; rg --version; jq --version; less --version',
  );
});

test('the agent owns its home and /workspace, and a volume at its home starts as its own', async () => {
  const line = 'touch "$HOME/x"; stat -c %u "$HOME" /workspace';
  assert.is(await inside(agent.tag, line, ['--mount=type=volume,target=/home/agent']), '1000\n1000');
});

test('the agent image has no ssh client, no key and no agent socket', async () => {
  const output = await inside(
    agent.tag,
    'for p in ssh ssh-keygen ssh-agent ssh-add sudo docker; do command -v $p || echo none; done',
  );
  assert.equal(output.split('\n'), ['none', 'none', 'none', 'none', 'none', 'none']);
  assert.not.match((await config(agent.tag)).Config.Env.join('\n'), /SSH_|TOKEN|KEY|PROXY/i);
});

for (const which of ['sidecars', 'agent'] as const) {
  const tag = () => (which === 'sidecars' ? sidecars.tag : agent.tag);

  test(`${which}: no program is set-uid or set-gid`, async () => {
    assert.is(await inside(tag(), 'find / -xdev -type f -perm /6000 ', ['--user=0', '--cap-add=DAC_OVERRIDE']), '');
  });

  test(`${which}: neither a layer's command nor a file holds the extra build CA`, async () => {
    const { stdout: history } = await execa('docker', ['history', '--no-trunc', '--format', '{{.CreatedBy}}', tag()]);
    assert.match(history, /COPY/);
    assert.not.match(history, 'BEGIN CERTIFICATE');
    const own = await inside(tag(), 'cat /etc/ssl/certs/ca-certificates.crt');
    const [control = ''] = certificateMarkers(own);
    const foreign = certificateMarkers(extraBuildCA(process.env) ?? '').filter((marker) => !own.includes(marker));
    const found = await markersInFiles(tag(), [control, ...foreign]);
    assert.equal(found, [control]);
  });

  test(`${which}: it is no larger than its limit`, async () => {
    const limit = which === 'sidecars' ? 600 : 800;
    const size = (await config(tag())).Size / MEGABYTE;
    process.stdout.write(`${which}: ${size.toFixed(0)} MB\n`);
    assert.ok(size < limit, `${size} MB`);
  });
}

test('the choice of the scanner is in the lock', () => {
  assert.match(readFileSync(join(projectDir, 'claude-bottle.lock'), 'utf8'), `scanner: ${sidecars.scanner}`);
});

test('an image of a registry is pinned by digest, fills pipelock’s slot, and stays chosen when the registry is gone', async () => {
  const registry = await startRegistry();
  const project = mkdtempSync(join(tmpdir(), 'claude-bottle-registry-test-'));
  const reference = `${registry.host}/pipelock:2.3.0`;
  const env = { ...process.env, CLAUDE_BOTTLE_SCANNER: '', CLAUDE_BOTTLE_PIPELOCK_IMAGE: reference };
  const ensure = () => ensureSidecarImage({ projectDir: project, engine: null, env, progress: silent });
  const made = [reference];
  try {
    writeFileSync(join(project, 'pipelock'), '#!/bin/sh\necho from-the-registry\n', { mode: 0o755 });
    writeFileSync(join(project, 'Dockerfile'), 'FROM scratch\nCOPY pipelock /pipelock\n');
    await execa('docker', ['build', '--tag', reference, project], { env: { DOCKER_BUILDKIT: '1' } });
    await execa('docker', ['push', reference]);
    await execa('docker', ['rmi', reference]);

    const first = await ensure();
    made.push(first.tag);
    assert.equal([first.scanner, first.scannerSource], ['pipelock', 'first build']);
    assert.is(await inside(first.tag, '/pipelock'), 'from-the-registry');
    const digest = readLock(join(project, 'claude-bottle.lock')).images.pipelock?.digest ?? '';
    assert.match(digest, /^sha256:/);
    assert.is(first.built, true);

    await registry.stop();
    const second = await ensure();
    assert.equal([second.scanner, second.scannerSource, second.tag], ['pipelock', 'lock', first.tag]);
    assert.is(second.built, false);
  } finally {
    await registry.stop();
    await execa('docker', ['rmi', ...made], { reject: false });
    rmSync(project, { recursive: true });
  }
});

test.run();
