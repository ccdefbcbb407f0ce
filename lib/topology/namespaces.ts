/** Whose network, processes and shared memory a service is given (compose specification, `network_mode`, `pid`, `ipc`). */

import type { ComposeService } from '../plan/index.ts';
import { keyedOf, textOf } from './compose-values.ts';
import { HOST } from './model.ts';
import { DEFAULT_NETWORK } from './networks.ts';

/** The service, {@link HOST} or foreign container that `mode` joins; undefined: none. */
function joined(mode: unknown, byContainer: ReadonlyMap<string, string>): string | undefined {
  const text = textOf(mode);
  if (text === undefined || text === '') return undefined;
  if (text === 'host') return HOST;
  const [, kind, name = ''] = /^(service|container):(.+)$/.exec(text) ?? [];
  if (kind === 'service') return name;
  return kind === 'container' ? (byContainer.get(name) ?? text) : undefined;
}

/** A service with the place that it was given, before other services' places are known. */
export interface Place {
  readonly namespace: string;
  /** Keys of networks in a namespace of its own. */
  readonly networks: readonly string[];
  readonly sees: readonly string[];
}

export function placeOf(name: string, service: ComposeService, byContainer: ReadonlyMap<string, string>): Place {
  const mode = textOf(service.network_mode);
  const sees = [service.pid, service.ipc].flatMap((one) => joined(one, byContainer) ?? []);
  const namespace = joined(mode, byContainer) ?? name;
  if (namespace !== name) return { namespace, networks: [], sees };
  if (mode === 'none') return { namespace, networks: [], sees };
  // Any other word is a network of the engine by name, `bridge` among them.
  if (mode !== undefined && mode !== '') return { namespace, networks: [mode], sees };
  const declared = keyedOf(service.networks).map(([key]) => key);
  return { namespace, networks: declared.length === 0 ? [DEFAULT_NETWORK] : declared, sees };
}
