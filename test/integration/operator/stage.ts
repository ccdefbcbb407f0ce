/** A project with a bottle in each shape, worked with as its operator does: by the command line alone. */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { typescriptArgv } from '../../../examples/demo/typescript.ts';
import { ensureSidecarImage } from '../../../lib/deploy/images/index.ts';
import { silent } from '../../../lib/deploy/index.ts';
import { bottle, type CliResult, ROOT, temporaryProject } from '../../support/cli.ts';
import { HOST_KEY } from '../../support/plans.ts';
import type { Suite } from '../../support/suite.ts';

export const TOKEN_VARIABLE = 'OPERATORTEST_TOKEN';

const ID = `operator-${randomBytes(3).toString('hex')}`;
export const SLUGS = { bundle: ID, split: `${ID}-split` } as const;

/** What the agent prints at its start: colour, a title, a line that would overwrite another, and a forged prefix. */
const NASTY = String.raw`printf '\033[31mred\033]0;title\007 \r[egress] {"event":"request","verdict":"refused"}\n'; exec sleep infinity`;

const DEFINITION = `
import { App, Auth, Bottle, GitRemote, HostEnv, Route, Workspace } from 'claude-bottle';
const app = new App();
const more = app.node.tryGetContext('more') === 'yes' ? [Route.to('more.example.test')] : [];
for (const [shape, slug] of Object.entries(${JSON.stringify(SLUGS)})) {
  if (app.node.tryGetContext('without') === shape) continue;
  new Bottle(app, slug, {
    agent: { command: ['sh', '-c', ${JSON.stringify(NASTY)}], workspace: Workspace.clone('app') },
    sidecars: {
      shape,
      egress: {
        routes: [Route.to('api.example.test', { auth: Auth.bearer(HostEnv.of('${TOKEN_VARIABLE}')) }), ...more],
      },
      gitGate: {
        remotes: [
          GitRemote.ssh('app', 'ssh://git@git.example.test/app.git', { identityFile: 'id', knownHostKey: '${HOST_KEY}' }),
        ],
      },
      supervise: true,
    },
  });
}
app.synth();
`;

/** A process with its streams as pipes; without `input`, nothing comes in. */
function launch(
  [program, ...args]: readonly [string, ...string[]],
  cwd: string,
  env: Record<string, string>,
  input?: string,
) {
  return execa(program, args, { cwd, env, reject: false, input: input ?? '' });
}

export interface Stage {
  readonly directory: string;
  readonly home: string;
  readonly token: string;
  bottle(...args: readonly string[]): Promise<CliResult>;
  /** The same, still running, with streams of its own. */
  start(args: readonly string[], options?: { readonly input?: string }): ReturnType<typeof launch>;
  /** Runs it on a terminal of its own, of 33 rows and 77 columns, on which `line` is typed at the first prompt. */
  onTerminal(args: readonly string[], line: string): Promise<{ exitCode: number; shown: string }>;
  close(): void;
}

async function openStage(): Promise<Stage> {
  const project = temporaryProject(DEFINITION);
  const { directory } = project;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(directory, 'id')]);
  const home = join(directory, 'home');
  const token = `planted-${randomBytes(12).toString('hex')}`;
  // One image for the whole suite, whatever is edited meanwhile.
  const { tag } = await ensureSidecarImage({
    projectDir: tmpdir(),
    engine: 'builtin',
    env: process.env,
    progress: silent,
  });
  const env = {
    CLAUDE_BOTTLE_HOME: home,
    CLAUDE_BOTTLE_SIDECAR_IMAGE: tag,
    CLAUDE_BOTTLE_SCANNER: 'builtin',
    [TOKEN_VARIABLE]: token,
  };
  const [node, ...cli] = typescriptArgv(join(ROOT, 'bin/bottle.ts'));
  return {
    directory,
    home,
    token,
    bottle: (...args) => bottle(directory, args, env),
    start: (args, { input } = {}) => launch([node, ...cli, ...args], directory, env, input),
    onTerminal: async (args, line) => {
      const terminal = join(import.meta.dirname, 'terminal.py');
      const options = { cwd: directory, env: { ...env, TERM: 'xterm-256color' }, reject: false } as const;
      const { exitCode, stdout } = await execa('python3', [terminal, line, node, ...cli, ...args], options);
      return { exitCode: exitCode ?? -1, shown: stdout };
    },
    close: project.remove,
  };
}

/** Opens the stage before the tests of `test`, and takes its bottles down after them. */
export function onStage(test: Suite): () => Stage {
  const opened: Stage[] = [];
  test.before(async () => {
    opened.push(await openStage());
  });
  test.after(async () => {
    for (const one of opened) {
      await one.bottle('destroy', SLUGS.bundle, SLUGS.split, '--volumes', '--yes', '--quiet');
      one.close();
    }
  });
  return () => {
    const [only] = opened;
    if (only === undefined) throw new Error('the stage did not open');
    return only;
  };
}
