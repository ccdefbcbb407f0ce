/** What the daemons listen on, by the configuration files that they read. */

import { parse } from 'yaml';
import {
  BOTTLE_FILE,
  type ComposeDocument,
  type ComposeService,
  DAEMON_PORT,
  type Daemon,
  type RenderedBottle,
} from '../plan/index.ts';
import { fieldsOf, textOf } from './compose-values.ts';
import { extraHosts, isLoopback } from './containers.ts';
import { type Listener, LOOPBACK, type TopologyContainer } from './model.ts';

/** What stands unquoted in YAML and is a text: the addresses that are rendered. Anything else is for the parser. */
const PLAIN = /^[A-Za-z][A-Za-z0-9.-]*:\d+$|^\d+\.\d+\.\d+\.\d+:\d+$/;

/**
 * The text at one key, or one below it, of a rendered file: its keys begin lines, what is in them is indented. The rest
 * of the file, which may be long, is none of the business here.
 */
function textAt(text: string, key: string, inner?: string): string | undefined {
  const [block = ''] = new RegExp(`^${key}:.*\\n?(?:[ -].*\\n?)*`, 'm').exec(text) ?? [];
  const line = inner === undefined ? /^[^:]*: (.*)\n?$/ : new RegExp(`^ {2}${inner}: (.*)$`, 'm');
  const [, value = ''] = line.exec(block) ?? [];
  if (PLAIN.test(value)) return value;
  const parsed = fieldsOf(block === '' ? undefined : parse(block))[key];
  return textOf(inner === undefined ? parsed : fieldsOf(parsed)[inner]);
}

/** The listen addresses in a daemon's file; undefined among them: one that is not there to read. */
const ADDRESSES: Readonly<Record<Daemon, (files: RenderedBottle['files']) => readonly (string | undefined)[]>> = {
  egress: (files) => [textAt(files[BOTTLE_FILE.routes] ?? '', 'listen')],
  pipelock: (files) => {
    const text = files[BOTTLE_FILE.pipelock] ?? '';
    const metrics = textAt(text, 'metrics_listen');
    const serving = textAt(text, 'fetch_proxy', 'listen');
    return [serving, ...(metrics === undefined ? [] : [metrics])];
  },
  'git-gate': (files) => [jsonListen(files[BOTTLE_FILE.gitGate])],
  supervise: (files) => [jsonListen(files[BOTTLE_FILE.supervise])],
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
  { services }: ComposeDocument,
  files: RenderedBottle['files'],
  containers: readonly TopologyContainer[],
): readonly Listener[] {
  return containers.flatMap((container) => {
    const { service, daemons } = container;
    return daemons.flatMap((daemon) =>
      ADDRESSES[daemon](files).flatMap((address = '') => {
        const [, host = '', port] = /^(.*):(\d+)$/.exec(address) ?? [];
        return boundOn(host, container, services[service] ?? {}).map((on) => ({
          daemon,
          service,
          port: port === undefined ? DAEMON_PORT[daemon] : Number(port),
          on,
        }));
      }),
    );
  });
}
