/**
 * A deployed bottle next to a test internet, for the demo and for the containment tests. Everything lives in one
 * temporary directory: the project, its lock, the state, the keys.
 */

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { LOCK_FILE } from '../../lib/deploy/images/index.ts';
import { readDeployed, stateDirectory } from '../../lib/deploy/index.ts';
import { type Daemon, LABEL, type Shape, sidecarContainer } from '../../lib/plan/index.ts';
import { docker, dockerOutcome } from './internet/docker.ts';
import { internetImage } from './internet/image.ts';
import { startInternet } from './internet/internet.ts';
import type { Outcome, Stage } from './probes/index.ts';
import { typescriptArgv, typescriptCommand } from './typescript.ts';

const CLI = join(import.meta.dirname, '../../bin/bottle.ts');

export interface StageOptions {
  /** Definition file to deploy; absolute. Its context holds `network`, `internetCA`, `hostKey`, `identityFile`. */
  readonly definition: string;
  /** The one bottle of it, suffix included. */
  readonly slug: string;
  /** Context `suffix`, so that a test's bottle and the demo's can run side by side. */
  readonly suffix?: string;
  /** @default what the definition and the environment say */
  readonly shape?: Shape;
  readonly subnet: string;
  /** Where the CLI's stderr goes. */
  readonly output: 'inherit' | 'ignore';
  /** Told what happens next. */
  readonly say?: (text: string) => void;
  /** Aborted: what was opened so far is closed again. */
  readonly signal?: AbortSignal;
}

export interface OpenStage extends Stage {
  /** The project's directory, with its `cdk.json`. */
  readonly project: string;
  /** `CLAUDE_BOTTLE_HOME` of this stage. */
  readonly home: string;
  /** What the CLI runs with besides the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** The CLI as a shell command, to be run in the project's directory. */
  readonly cli: string;
  /** Runs the CLI on the project. */
  bottle(...args: string[]): Promise<Outcome>;
  /** Deploys the bottle, in `shape` from now on. Throws if that fails. */
  deploy(shape?: Shape): Promise<void>;
  /** Takes everything down. Throws, and keeps the state, if the bottle could not be destroyed. */
  close(): Promise<void>;
}

/** The label of the sidecars' image that says what stands in pipelock's slot. */
async function scannerOf(container: string): Promise<string> {
  const format = `{{index .Config.Labels "${LABEL.scanner}"}}`;
  return (await docker(['inspect', '--format', format, container])).trim();
}

/** What `CLAUDE_BOTTLE_SIDECAR_BUNDLE` has to say for a shape. */
const FLAG = { bundle: '1', split: '0' } as const satisfies Record<Shape, string>;

export async function openStage(options: StageOptions): Promise<OpenStage> {
  const { slug, output, say = () => {} } = options;
  const directory = mkdtempSync(join(tmpdir(), 'claude-bottle-stage-'));
  const [project, outside] = [join(directory, 'project'), join(directory, 'internet')];
  for (const path of [project, outside]) mkdirSync(path);

  // A shape that no secret pattern matches, so that only its name gives it away.
  const token = `demo-${randomBytes(12).toString('hex')}`;
  const home = join(directory, 'home');
  const env: Record<string, string> = { CLAUDE_BOTTLE_HOME: home, DEMO_API_TOKEN: token };
  const bottle = async (...args: string[]): Promise<Outcome> => {
    const [node, ...rest] = [...typescriptArgv(CLI), ...args] as const;
    const outcome = await execa(node, rest, {
      cwd: project,
      env,
      reject: false,
      stdin: 'ignore',
      stderr: output === 'inherit' ? ['inherit', 'pipe'] : 'pipe',
    });
    return { exitCode: outcome.exitCode ?? 1, stdout: outcome.stdout, stderr: outcome.stderr };
  };

  const deploy = async (shape?: Shape): Promise<void> => {
    if (shape !== undefined) env['CLAUDE_BOTTLE_SIDECAR_BUNDLE'] = FLAG[shape];
    const deployed = await bottle('deploy', slug);
    options.signal?.throwIfAborted();
    if (deployed.exitCode !== 0) throw new Error(`bottle deploy failed:\n${deployed.stderr}`);
  };
  const record = (): { readonly shape: Shape; readonly daemons: readonly Daemon[] } => {
    const deployed = readDeployed(stateDirectory(home, slug));
    if (deployed === undefined) throw new Error(`bottle ${slug} is not deployed`);
    return deployed;
  };
  const sidecar = (daemon: Daemon): string => sidecarContainer(slug, daemon, record().shape);

  say('starting the test internet');
  const internet = await startInternet({
    image: await internetImage(join(project, LOCK_FILE)),
    directory: outside,
    subnet: options.subnet,
  });
  const close = async (): Promise<void> => {
    const destroyed = await bottle('destroy', slug, '--volumes', '--yes');
    if (destroyed.exitCode !== 0)
      throw new Error(`bottle destroy failed, its state is in ${home}:\n${destroyed.stderr}`);
    await internet.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    options.signal?.throwIfAborted();
    const { network, caFile: internetCA, hostKey, identityFile } = internet;
    const app = typescriptCommand(options.definition);
    const { suffix } = options;
    const context = { network, internetCA, hostKey, identityFile, ...(suffix === undefined ? {} : { suffix }) };
    writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app, output: 'dist', context }));
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'claude-bottle-stage', private: true }));
    await deploy(options.shape);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    slug,
    get shape() {
      return record().shape;
    },
    get daemons() {
      return record().daemons;
    },
    sidecar,
    project,
    cli: typescriptCommand(CLI),
    home,
    env,
    internet,
    scanner: await scannerOf(sidecar('pipelock')),
    token,
    bottle,
    deploy,
    close,
    agent: (script, input) =>
      dockerOutcome(
        ['exec', ...(input === undefined ? [] : ['--interactive']), `claude-bottle-${slug}`, 'sh', '-c', script],
        input,
      ),
  };
}
