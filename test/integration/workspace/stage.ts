/** A project and a home of its own, one bottle in it, and the images that its agents may start from. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentProps, App, Bottle } from 'claude-bottle';
import { execa } from 'execa';
import { ensureAgentImage, ensureSidecarImage } from '../../../lib/deploy/images/index.ts';
import { type DeployedBottle, deploy, destroy, type Progress, silent } from '../../../lib/deploy/index.ts';
import { createDocker, type WorkspaceReport, workspaceReport } from '../../../lib/operate/index.ts';
import { deployedBottle } from '../../../lib/operate/list/index.ts';
import { bottleStatus } from '../../../lib/operate/status/index.ts';
import { APP } from '../deploy/stage.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
}

/** A command on this host, its failure a result. */
export async function run(program: string, ...args: readonly string[]): Promise<Ran> {
  const { exitCode, all } = await execa(program, args, { reject: false, all: true, stdin: 'ignore' });
  return { code: exitCode ?? 1, out: all.trim() };
}

export interface Stage {
  /** Holds `project` and whatever a test puts beside it. */
  readonly root: string;
  readonly slug: string;
  readonly agent: string;
  /** Image of the agent that is built by default. */
  readonly image: string;
  /** What deploys said, steps, notes and lines. */
  readonly said: string[];
  state(...path: string[]): string;
  deploy(agent: AgentProps): Promise<DeployedBottle>;
  /** Runs `script` in the agent. */
  inAgent(script: string): Promise<Ran>;
  report(): Promise<WorkspaceReport>;
  problems(): Promise<readonly string[]>;
  destroy(): Promise<unknown>;
  close(): Promise<void>;
}

export async function openStage(slug: string): Promise<Stage> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'workspacetest-')));
  const [project, home] = [join(root, 'project'), join(root, 'home')];
  mkdirSync(project);
  const images = { projectDir: project, env: process.env, progress: silent };
  const { tag: sidecars } = await ensureSidecarImage({ ...images, engine: 'builtin' });
  const { tag: image } = await ensureAgentImage(images);
  const env = { ...process.env, CLAUDE_BOTTLE_SIDECAR_IMAGE: sidecars };
  const docker = createDocker({ env });
  const agent = `claude-bottle-${slug}`;
  const said: string[] = [];
  const progress: Progress = {
    step: (title, work) => {
      said.push(title);
      return work((note) => said.push(`${title}: ${note}`));
    },
    say: (text) => said.push(text),
    warn: (text) => said.push(text),
  };
  const destroyAll = () => destroy({ slugs: [slug], app: APP, home, env, volumes: true, yes: true, progress: silent });
  return {
    root,
    slug,
    agent,
    image,
    said,
    state: (...path) => join(home, 'state', slug, ...path),
    deploy: async (props) => {
      const outdir = join(project, 'dist');
      const app = new App({ outdir });
      new Bottle(app, slug, { agent: props, sidecars: {} });
      app.synth();
      const options = { assemblyDir: outdir, slugs: [], projectDir: project, home, env, contextScanner: 'builtin' };
      const { bottles } = await deploy({ ...options, progress });
      const [only] = bottles;
      if (only === undefined) throw new Error('nothing was deployed');
      return only;
    },
    // One stream in the container already: what comes by two has no order.
    inAgent: (script) => run('docker', 'exec', agent, '/bin/sh', '-c', `exec 2>&1\n${script}`),
    report: () => workspaceReport(docker, agent, 30),
    problems: async () => (await bottleStatus(docker, await deployedBottle(docker, home, slug))).problems,
    destroy: destroyAll,
    close: async () => {
      await destroyAll();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
