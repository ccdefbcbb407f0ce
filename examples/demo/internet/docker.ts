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

interface Attached {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { IPAddress: string; NetworkID: string }>> };
}

/** Where `container` is on `network`: its IPv4 address, and the bridge on the host. */
export async function placeOn(
  container: string,
  network: string,
): Promise<{ readonly address: string; readonly bridge: string }> {
  const [details] = JSON.parse(await docker(['inspect', container])) as [Attached];
  const place = details.NetworkSettings.Networks[network];
  if (place === undefined) throw new Error(`${container} is not on the network ${network}`);
  return { address: place.IPAddress, bridge: `br-${place.NetworkID.slice(0, 12)}` };
}
