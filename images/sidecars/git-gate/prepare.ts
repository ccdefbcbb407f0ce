/** What has to be done before git daemon starts, and the words that its command line ends in. */

import { listenParts, readConfig } from './config.ts';
import { listenAddress, tryBinding } from './listen.ts';
import { prepareMirror } from './mirror.ts';
import { logEvent } from './say.ts';

/** Only the declared mirrors are served, each by its exact path. */
export async function daemonWords(): Promise<string[]> {
  const config = readConfig();
  const { host, port } = listenParts(config.listen);
  const address = await listenAddress(host);
  await tryBinding(address, port);
  const mirrors: string[] = [];
  for (const remote of config.remotes) mirrors.push(await prepareMirror(remote));
  const receive = config.remotes.some(({ access }) => access === 'push') ? 'enable' : 'disable';
  logEvent({ event: 'startup', listen: `${address}:${port}`, remotes: config.remotes.map(({ name }) => name) });
  return [`--listen=${address}`, `--port=${port}`, `--${receive}=receive-pack`, '--', ...mirrors];
}
