import { execa } from 'execa';

/** Standard output of `docker <args>`; throws with docker's own message on a failure. `input` goes to its stdin. */
export async function docker(args: readonly string[], input?: string): Promise<string> {
  const { stdout } = await execa('docker', args, input === undefined ? { stdin: 'ignore' } : { input });
  return stdout;
}

/** Like {@link docker}, but a failure is a result: exit code and both streams. */
export async function dockerOutcome(
  args: readonly string[],
  input?: string,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const stdin = input === undefined ? { stdin: 'ignore' as const } : { input };
  const outcome = await execa('docker', args, { ...stdin, reject: false });
  return { exitCode: outcome.exitCode ?? 1, stdout: outcome.stdout, stderr: outcome.stderr };
}
