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

/** A container's place on a network: its IPv4 address, and the bridge on the host. */
export interface Place {
  readonly network: string;
  readonly address: string;
  readonly bridge: string;
}

interface Attached {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { IPAddress: string; NetworkID: string }>> };
}

/** The places of `container`, one a network. */
export async function attachments(container: string): Promise<readonly Place[]> {
  const [details] = JSON.parse(await docker(['inspect', container])) as [Attached];
  return Object.entries(details.NetworkSettings.Networks).map(([network, { IPAddress, NetworkID }]) => ({
    network,
    address: IPAddress,
    bridge: `br-${NetworkID.slice(0, 12)}`,
  }));
}

/** The place of `container` on `network`. */
export async function placeOn(container: string, network: string): Promise<Place> {
  const place = (await attachments(container)).find((one) => one.network === network);
  if (place === undefined) throw new Error(`${container} is not on the network ${network}`);
  return place;
}
