/** What the daemons listen on, by the configuration files that they read. */

import { parse } from 'yaml';
import type { ComposeService, Daemon, RenderedBottle } from '../plan/index.ts';
import { fieldsOf, textOf } from './compose-values.ts';
import { extraHosts, isLoopback } from './containers.ts';
import { type Listener, LOOPBACK, type TopologyContainer } from './model.ts';

/**
 * The lines of one key of a rendered file: its keys begin lines, everything else is indented. The rest of the file,
 * which may be long, is none of the business here.
 */
function topLevel(text: string, key: string): unknown {
  const [block] = new RegExp(`^${key}:.*\\n?(?:[ -].*\\n?)*`, 'm').exec(text) ?? [];
  return block === undefined ? undefined : fieldsOf(parse(block))[key];
}

/** The listen addresses in a daemon's file; undefined among them: one that is not there to read. */
const ADDRESSES: Readonly<Record<Daemon, (files: RenderedBottle['files']) => readonly (string | undefined)[]>> = {
  egress: (files) => [textOf(topLevel(files['egress/routes.yaml'] ?? '', 'listen'))],
  pipelock: (files) => {
    const text = files['pipelock/pipelock.yaml'] ?? '';
    const metrics = textOf(topLevel(text, 'metrics_listen'));
    const serving = textOf(fieldsOf(topLevel(text, 'fetch_proxy')).listen);
    return [serving, ...(metrics === undefined ? [] : [metrics])];
  },
  'git-gate': (files) => [jsonListen(files['git-gate/git-gate.json'])],
  supervise: (files) => [jsonListen(files['supervise/supervise.json'])],
};

const jsonListen = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : textOf(fieldsOf(JSON.parse(text)).listen);

/**
 * Where a daemon of `container` listens that binds `host`. A name that leads nowhere known, an address, or a wildcard
 * counts as all of its networks: whatever the daemon makes of it, no more than that can come of it.
 */
function boundOn(host: string, container: TopologyContainer, service: ComposeService): readonly string[] {
  const everywhere = [...container.networks, LOOPBACK];
  if (isLoopback(host)) return [LOOPBACK];
  // The hosts file of a container is read before its resolver.
  const fixed = extraHosts(service).filter(([name]) => name === host);
  if (fixed.length > 0) return fixed.every(([, address]) => isLoopback(address)) ? [LOOPBACK] : everywhere;
  const resolved = container.names.get(host) ?? [];
  return resolved.length > 0 ? resolved : everywhere;
}

/** Every listener of the daemons in `containers`. */
export function listenersOf(
  { compose, files }: RenderedBottle,
  containers: readonly TopologyContainer[],
  defaultPort: Readonly<Record<Daemon, number>>,
): readonly Listener[] {
  return containers.flatMap((container) => {
    const { service, daemons } = container;
    return daemons.flatMap((daemon) =>
      ADDRESSES[daemon](files).flatMap((address = '') => {
        const [, host = '', port] = /^(.*):(\d+)$/.exec(address) ?? [];
        return boundOn(host, container, compose.services[service] ?? {}).map((on) => ({
          daemon,
          service,
          port: port === undefined ? defaultPort[daemon] : Number(port),
          on,
        }));
      }),
    );
  });
}
