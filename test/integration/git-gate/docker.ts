/** The Docker CLI, for the containers of these tests. */

import { execa } from 'execa';

export interface DockerOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function tryDocker(args: readonly string[]): Promise<DockerOutcome> {
  const { exitCode, stdout, stderr } = await execa('docker', args, { reject: false, stdin: 'ignore' });
  return { exitCode: exitCode ?? 1, stdout, stderr };
}

/** stdout of `docker …args`. Throws with docker's own words unless it exits 0. */
export async function docker(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await tryDocker(args);
  if (exitCode !== 0) throw new Error(`docker ${args[0]}: exit code ${exitCode}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Why these tests cannot run here, or undefined if an engine answers. */
export async function missingEngine(): Promise<string | undefined> {
  const { exitCode } = await tryDocker(['info', '--format', '{{.ServerVersion}}']);
  return exitCode === 0 ? undefined : 'no Docker engine answers';
}
