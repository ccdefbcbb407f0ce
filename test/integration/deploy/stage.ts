/** A project of its own, a home of its own, and a `docker` that records what it was asked, before it does it. */

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Auth, Bottle, GitRemote, HostEnv, type Mount, type Network, Route } from 'claude-bottle';
import { execa } from 'execa';
import { ensureSidecarImage } from '../../../lib/deploy/images/index.ts';
import {
  type DeployOptions,
  type DeployResult,
  deploy,
  destroy,
  type Progress,
  silent,
} from '../../../lib/deploy/index.ts';
import type { Shape } from '../../../lib/plan/index.ts';
import { HOST_KEY } from '../../support/plans.ts';

/** Name in the package.json of the test's working directory: what App takes as the app. */
export const APP = 'claude-bottle';
export const TOKEN_VARIABLE = 'DEPLOYTEST_TOKEN';

export interface Variant {
  readonly slug: string;
  readonly routes: readonly Route[];
  readonly sidecarMemory?: string;
  readonly mounts?: readonly Mount[];
  readonly gitGate?: boolean;
  readonly shape?: Shape;
  readonly egressNetwork?: Network;
}

export interface Stage {
  readonly project: string;
  readonly home: string;
  readonly env: Record<string, string>;
  readonly secrets: { readonly token: string; readonly key: string };
  /** What the progress said, steps, notes and lines. */
  readonly said: string[];
  /** Synthesizes the variant into the stage's assembly. */
  synth(variant: Variant): void;
  /** Replaces a file of the assembly as if synth had written it so. */
  tamper(slug: string, path: string, text: string): void;
  deploy(more?: Partial<DeployOptions>): Promise<DeployResult>;
  destroy(slug: string, more?: object): ReturnType<typeof destroy>;
  /** All calls of docker so far. */
  calls(): string;
  state(slug: string, ...path: string[]): string;
  close(): void;
}

export const route = (host: string, more: Parameters<typeof Route.to>[1] = {}): Route => Route.to(host, more);
export const withToken = { auth: Auth.bearer(HostEnv.of(TOKEN_VARIABLE)) };

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await execa('docker', args, { reject: false });
  return stdout.trim();
}

/** Id and start of a container: equal twice means that it was neither recreated nor restarted. */
export const identity = (name: string): Promise<string> =>
  docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name);

/** Everything of the bottle that the engine has. */
export async function traces(slug: string): Promise<string> {
  const label = `label=claude-bottle.slug=${slug}`;
  const [containers, networks, volumes] = await Promise.all([
    docker('ps', '-a', '--filter', label, '--format', '{{.Names}}'),
    docker('network', 'ls', '--filter', label, '--format', '{{.Name}}'),
    docker('volume', 'ls', '--filter', label, '--format', '{{.Name}}'),
  ]);
  return [containers, networks, volumes].filter((text) => text !== '').join('\n');
}

/** A docker that writes its arguments to `log` and then is the real one. */
function recordingDocker(bin: string, log: string): void {
  const real = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
  mkdirSync(bin);
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\nprintf '%s\\n' "$*" >>'${log}'\nexec '${real}' "$@"\n`);
  chmodSync(join(bin, 'docker'), 0o755);
}

/** A stage on which every deploy uses the sidecar image of now, whatever is edited meanwhile. */
export async function openStage(): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), 'deploytest-'));
  const [project, home, bin, log] = ['project', 'home', 'bin', 'calls'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ];
  mkdirSync(project);
  recordingDocker(bin, log);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(project, 'id')]);
  const keyLines = readFileSync(join(project, 'id'), 'utf8').split('\n');
  const token = `planted-${randomBytes(12).toString('hex')}`;
  const outdir = join(project, 'dist');
  const { tag } = await ensureSidecarImage({
    projectDir: project,
    engine: 'builtin',
    env: process.env,
    progress: silent,
  });
  const env: Record<string, string> = {
    ...(process.env as Record<string, string>),
    CLAUDE_BOTTLE_SIDECAR_IMAGE: tag,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    [TOKEN_VARIABLE]: token,
  };
  const said: string[] = [];
  const progress: Progress = {
    step: (title, work) => {
      said.push(title);
      return work((note) => said.push(`${title}: ${note}`));
    },
    say: (text) => said.push(text),
    warn: (text) => said.push(text),
  };

  const synth: Stage['synth'] = ({ slug, routes, sidecarMemory, mounts, gitGate, shape, egressNetwork }) => {
    const app = new App({ outdir });
    new Bottle(app, slug, {
      agent: { ...(mounts === undefined ? {} : { mounts }) },
      sidecars: {
        egress: { routes },
        ...(shape === undefined ? {} : { shape }),
        ...(egressNetwork === undefined ? {} : { egressNetwork }),
        ...(sidecarMemory === undefined ? {} : { resources: { memory: sidecarMemory } }),
        ...(gitGate === true
          ? {
              gitGate: {
                remotes: [
                  GitRemote.ssh('app', 'ssh://git@git.example.test/app.git', {
                    identityFile: 'id',
                    knownHostKey: HOST_KEY,
                  }),
                ],
              },
            }
          : {}),
        supervise: true,
      },
    });
    app.synth();
  };

  return {
    project,
    home,
    env,
    secrets: { token, key: keyLines[2] ?? '' },
    said,
    synth,
    tamper: (slug, path, text) => {
      writeFileSync(join(outdir, slug, path), text);
      const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
      manifest.bottles[slug].files[path] = createHash('sha256').update(text).digest('hex');
      writeFileSync(join(outdir, 'manifest.json'), JSON.stringify(manifest));
    },
    deploy: (more = {}) =>
      deploy({
        assemblyDir: outdir,
        slugs: [],
        projectDir: project,
        home,
        env,
        contextScanner: 'builtin',
        progress,
        ...more,
      }),
    destroy: (slug, more = {}) => destroy({ slugs: [slug], app: APP, home, env, progress, ...more }),
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
    state: (slug, ...path) => join(home, 'state', slug, ...path),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
