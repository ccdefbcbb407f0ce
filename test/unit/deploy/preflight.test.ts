import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { DeployRequirements } from '../../../lib/assembly/manifest.ts';
import { deploy, silent } from '../../../lib/deploy/index.ts';
import { BottleError } from '../../../lib/errors.ts';
import { suite } from '../../support/suite.ts';
import { writeAssembly } from './assembly.ts';
import { type Answer, COMPOSE, ENGINE, environmentWith, fakeDocker, NOTHING } from './fake-docker.ts';

const test = suite('preflight');

const PLANTED = 'sk-planted-7f3a9c1d5e';

let scratch = '';
test.before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'deploy-preflight-'));
});
test.after(() => rmSync(scratch, { recursive: true, force: true }));

interface Case {
  readonly requires?: Partial<DeployRequirements>;
  readonly volumes?: readonly object[];
  readonly answers?: readonly Answer[];
  readonly env?: Readonly<Record<string, string>>;
  readonly prepare?: (project: string, home: string) => void;
  /** Without a docker on PATH. */
  readonly noDocker?: boolean;
}

/** Deploys the case against a fake docker and returns the error; whatever is wrong, nothing may have been touched. */
async function refusal(given: Case): Promise<{ error: BottleError; calls: readonly string[] }> {
  const project = mkdtempSync(join(scratch, 'project-'));
  const home = mkdtempSync(join(scratch, 'home-'));
  const docker = fakeDocker(given.answers ?? [ENGINE, COMPOSE, ...NOTHING]);
  const { requires = {}, volumes = [], env = {} } = given;
  given.prepare?.(project, home);
  const listed = readdirSync(home);
  const options = {
    assemblyDir: writeAssembly(join(project, 'dist'), { requires, volumes }),
    slugs: [],
    projectDir: project,
    home,
    env: { ...(given.noDocker === true ? { PATH: '/nonexistent' } : environmentWith(docker)), ...env },
    progress: silent,
  };
  try {
    await deploy(options);
  } catch (error) {
    assert.instance(error, BottleError);
    if (!(error instanceof BottleError)) throw error;
    const everything = JSON.stringify([error, error.message, error.stack, docker.calls()]);
    assert.not.match(everything, new RegExp(PLANTED));
    for (const call of docker.environments()) assert.not.match(call, new RegExp(PLANTED));
    assert.equal(readdirSync(home), listed, 'nothing is written');
    return { error, calls: docker.calls() };
  } finally {
    docker.remove();
  }
  throw new Error('the deploy was not refused');
}

const TOKEN: Partial<DeployRequirements> = {
  hostVariables: [{ name: 'GH_TOKEN', neededBy: ['route api.github.com'] }],
  tokens: [{ slot: 'EGRESS_TOKEN_0', from: 'GH_TOKEN' }],
};
const keyAt = (path: string): Partial<DeployRequirements> => ({ identityFiles: [{ remote: 'app', path }] });
const mountOf = (source: string): Partial<DeployRequirements> => ({
  bindMounts: [{ service: 'agent', source, target: '/data' }],
});
const container = (labels: object): string =>
  `${JSON.stringify({
    Id: 'c1',
    Name: '/claude-bottle-demo',
    Image: 'sha256:1',
    RestartCount: 0,
    State: { Status: 'running', Running: true, Restarting: false, ExitCode: 0, StartedAt: '2026-01-01T00:00:00Z' },
    Config: { Labels: labels },
  })}\n`;
const [noContainer, noNetwork, noVolume] = NOTHING as [Answer, Answer, Answer];

const TABLE: readonly (readonly [string, Case, string, RegExp])[] = [
  ['no docker command', { noDocker: true }, 'docker/cli-missing', /no docker command/],
  [
    'an engine that does not answer',
    {
      answers: [
        {
          call: '"version --format"*',
          stdout: '{"Client":{},"Server":null}',
          stderr: 'Cannot connect to the Docker daemon',
          code: 1,
        },
        COMPOSE,
      ],
    },
    'docker/engine-not-answering',
    /does not answer/,
  ],
  [
    'a user who may not talk to the engine',
    {
      answers: [
        {
          call: '"version --format"*',
          stderr: 'permission denied while trying to connect to the Docker daemon socket',
          code: 1,
        },
        COMPOSE,
      ],
    },
    'docker/permission-denied',
    /may not talk/,
  ],
  [
    'an engine that is too old',
    { answers: [{ ...ENGINE, stdout: '{"Server":{"Version":"20.9.1","Os":"linux"}}' }, COMPOSE, ...NOTHING] },
    'docker/engine-too-old',
    /20\.9\.1 is too old/,
  ],
  [
    'no compose plugin',
    {
      answers: [
        ENGINE,
        { call: '"compose version"*', stderr: "docker: 'compose' is not a docker command.", code: 1 },
        ...NOTHING,
      ],
    },
    'docker/compose-missing',
    /no compose plugin/,
  ],
  [
    'a compose that is too old',
    { answers: [ENGINE, { ...COMPOSE, stdout: 'v2.19.9\n' }, ...NOTHING] },
    'docker/compose-too-old',
    /v2\.19\.9 is too old/,
  ],
  [
    'an unset host variable',
    { requires: TOKEN },
    'deploy/host-variable-unset',
    /GH_TOKEN is not set; needed by route api\.github\.com/,
  ],
  [
    'an empty host variable',
    { requires: TOKEN, env: { GH_TOKEN: '  ' } },
    'deploy/host-variable-unset',
    /GH_TOKEN is empty/,
  ],
  [
    'a credential with a line break',
    { requires: TOKEN, env: { GH_TOKEN: `${PLANTED}\nX-Evil: 1` } },
    'deploy/host-variable-unusable',
    /line break/,
  ],
  [
    'a credential with a tab',
    { requires: TOKEN, env: { GH_TOKEN: `${PLANTED}\tx` } },
    'deploy/host-variable-unusable',
    /GH_TOKEN holds white space around it, a control character or one outside ASCII; allowed: one line of printable ASCII/,
  ],
  [
    'a credential outside ASCII',
    { requires: TOKEN, env: { GH_TOKEN: `${PLANTED}\u00fc` } },
    'deploy/host-variable-unusable',
    /GH_TOKEN holds white space around it, a control character or one outside ASCII/,
  ],
  [
    'a credential that is too short to be taken out of answers',
    { requires: TOKEN, env: { GH_TOKEN: 'seven77' } },
    'deploy/host-variable-unusable',
    /GH_TOKEN holds fewer than 8 characters/,
  ],
  [
    'a missing identity file',
    { requires: keyAt('keys/none') },
    'deploy/identity-file-missing',
    /remote app, .*keys\/none, does not exist/,
  ],
  [
    'an identity file with a passphrase',
    {
      requires: keyAt('key'),
      prepare: (project) =>
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', PLANTED, '-f', join(project, 'key')]),
    },
    'deploy/identity-file-has-passphrase',
    /has a passphrase/,
  ],
  [
    'an identity file that is no key',
    { requires: keyAt('key'), prepare: (project) => writeFileSync(join(project, 'key'), PLANTED) },
    'deploy/identity-file-not-a-key',
    /is not an SSH private key/,
  ],
  [
    'an identity file that is a directory',
    { requires: keyAt('.') },
    'deploy/identity-file-not-a-key',
    /is not an SSH private key/,
  ],
  [
    'a trusted CA that is no PEM',
    { requires: { trustedCAs: ['ca.pem'] }, prepare: (project) => writeFileSync(join(project, 'ca.pem'), PLANTED) },
    'deploy/trusted-ca-not-pem',
    /holds no readable PEM certificate/,
  ],
  [
    'a missing trusted CA',
    { requires: { trustedCAs: ['ca.pem'] } },
    'deploy/trusted-ca-missing',
    /ca\.pem does not exist/,
  ],
  [
    'a missing bind source',
    { requires: mountOf('data') },
    'deploy/bind-source-missing',
    /data, which agent mounts at \/data, does not exist/,
  ],
  [
    'a link to the socket of the engine',
    { requires: mountOf('data'), prepare: (project) => symlinkSync('/var/run', join(project, 'data')) },
    'deploy/bind-source-forbidden',
    /data, which is really \/run, is in \/run/,
  ],
  [
    'a link to the states of bottles',
    { requires: mountOf('data'), prepare: (project, home) => symlinkSync(home, join(project, 'data')) },
    'deploy/bind-source-forbidden',
    /keys and the state of bottles/,
  ],
  [
    'a link to the definition, writable',
    {
      requires: mountOf('sub/data'),
      prepare: (project) => {
        mkdirSync(join(project, 'sub'));
        symlinkSync('..', join(project, 'sub/data'));
      },
    },
    'deploy/bind-source-forbidden',
    /is the project, writable/,
  ],
  [
    'a writable mount of what synth writes',
    { requires: mountOf('out'), prepare: (project) => symlinkSync('dist', join(project, 'out')) },
    'deploy/bind-source-forbidden',
    /out, which is really .*dist, is run on the host/,
  ],
  [
    'a mount in a writable one, by way of a link',
    {
      requires: {
        bindMounts: [
          { service: 'agent', source: 'work', target: '/w' },
          { service: 'agent', source: 'docs', target: '/d' },
        ],
      },
      volumes: [{ type: 'bind', target: '/d', read_only: true }],
      prepare: (project) => {
        mkdirSync(join(project, 'work/docs'), { recursive: true });
        symlinkSync('work/docs', join(project, 'docs'));
      },
    },
    'deploy/bind-source-nested',
    /docs, which agent of bottle demo mounts, is or lies in .*work, which agent of bottle demo can write to/,
  ],
  [
    'a container of that name which is not a bottle',
    { answers: [ENGINE, COMPOSE, { call: '"container inspect"*', stdout: container({}) }, noNetwork, noVolume] },
    'deploy/name-taken',
    /container name claude-bottle-demo is taken: it is not a bottle/,
  ],
  [
    'a bottle of another state directory under that name',
    {
      answers: [
        ENGINE,
        COMPOSE,
        {
          call: '"container inspect"*',
          stdout: container({
            'claude-bottle.slug': 'demo',
            'claude-bottle.app': 'acme',
            'com.docker.compose.project.working_dir': '/elsewhere/demo',
          }),
        },
        noNetwork,
        noVolume,
      ],
    },
    'deploy/name-taken',
    /it is of the app acme, deployed from \/elsewhere\/demo/,
  ],
  [
    'a volume of another app under that name',
    {
      answers: [
        ENGINE,
        COMPOSE,
        noContainer,
        noNetwork,
        {
          call: '"volume inspect"*',
          stdout:
            '{"Name":"claude-bottle-demo_home","Labels":{"claude-bottle.slug":"demo","claude-bottle.app":"other"}}\n',
        },
      ],
    },
    'deploy/name-taken',
    /volume name claude-bottle-demo_home is taken: it is of the app other/,
  ],
  [
    'an external network that does not exist',
    { requires: { externalNetwork: 'corp' } },
    'deploy/network-missing',
    /network corp/,
  ],
  [
    'a slug that another app has deployed',
    {
      prepare: (_project, home) => {
        mkdirSync(join(home, 'state/demo'), { recursive: true });
        const record = {
          version: 1,
          slug: 'demo',
          app: 'other',
          path: 'demo',
          projectDir: '/other',
          complete: true,
          daemons: [],
          images: { agent: { reference: 'a', id: 'a' }, sidecars: { reference: 'b', id: 'b' } },
          scanner: 'builtin',
          assembly: {},
          hostVariables: [],
          tokens: [],
        };
        writeFileSync(join(home, 'state/demo/deployed.json'), JSON.stringify(record));
      },
    },
    'deploy/slug-of-another-app',
    /belongs to the app other/,
  ],
];

for (const [name, given, code, message] of TABLE) {
  test(`${name} is refused with its fix, and nothing is touched`, async () => {
    const { error, calls } = await refusal(given);
    assert.is(error.code, code, `${error.code}: ${error.message}`);
    assert.match(error.message, message);
    assert.ok((error.fix ?? '').length > 10);
    assert.not(
      calls.some((call) => /\b(up|build|pull|rm|run|kill|restart|create)\b/.test(call)),
      calls.join('\n'),
    );
  });
}

test('everything that is wrong is told at once', async () => {
  const { error } = await refusal({
    requires: { ...TOKEN, ...keyAt('none'), ...mountOf('gone'), trustedCAs: ['no.pem'], externalNetwork: 'corp' },
    answers: [{ ...ENGINE, stdout: '{"Server":{"Version":"19.3","Os":"linux"}}' }, COMPOSE, ...NOTHING],
  });
  assert.is(error.code, 'deploy/preflight');
  const text = error.details.join('\n');
  for (const part of [/19\.3 is too old/, /GH_TOKEN/, /none, does not exist/, /gone, which/, /no\.pem/]) {
    assert.match(text, part);
  }
});

test('an unknown bottle is a usage error that names the known ones', async () => {
  const outdir = writeAssembly(mkdtempSync(join(scratch, 'o-')));
  try {
    await deploy({ assemblyDir: outdir, slugs: ['demo', 'dmeo'], projectDir: scratch, env: {}, progress: silent });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, BottleError);
    if (!(error instanceof BottleError)) return;
    assert.is(error.exitCode, 2);
    assert.match(`${error.message} ${error.fix}`, /dmeo.*demo/);
  }
});

test('a deploy before any synth says so', async () => {
  try {
    await deploy({ assemblyDir: join(scratch, 'none'), slugs: [], projectDir: scratch, env: {}, progress: silent });
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof BottleError && error.code === 'deploy/no-assembly');
  }
});

test.run();
