/**
 * Where the daemons listen in a pod. They refuse 0.0.0.0 and bind the one address that a name leads to; the kubelet's
 * /etc/hosts has one such name in every container of a pod: its host name, for the pod's own address. A long alias
 * would need that address at render time.
 */

import { parse } from 'yaml';
import {
  type BottlePlan,
  CONFIG_FILE,
  DAEMON_PORT,
  type Daemon,
  type ListenAddress,
  pipelockIsInnerHop,
} from '../../plan/index.ts';
import { renderRoutes } from '../egress.ts';
import { renderGitGate } from '../git-gate.ts';
import { renderPipelock } from '../pipelock.ts';
import { renderSupervise } from '../supervise.ts';
import { jsonText, yamlText } from '../yaml.ts';
import type { Texts } from './metadata.ts';
import { sidecarsName } from './names.ts';

/** The inner hop is out of the agent's reach on the loopback that the containers of a pod share. */
export function podListenAddress(plan: BottlePlan, daemon: Daemon): ListenAddress {
  const host = daemon === 'pipelock' && pipelockIsInnerHop(plan) ? '127.0.0.1' : sidecarsName(plan.slug);
  return `${host}:${DAEMON_PORT[daemon]}`;
}

type Fields = Readonly<Record<string, unknown>>;

const fileName = (daemon: Daemon): string => CONFIG_FILE[daemon].slice(CONFIG_FILE[daemon].lastIndexOf('/') + 1);

/** The files of a daemon as compose gets them. */
function composeFiles(plan: BottlePlan, daemon: Daemon): Texts {
  switch (daemon) {
    case 'egress':
      return { [fileName(daemon)]: renderRoutes(plan) ?? '' };
    case 'pipelock':
      return { [fileName(daemon)]: renderPipelock(plan) };
    case 'git-gate':
      return renderGitGate(plan);
    case 'supervise':
      return { [fileName(daemon)]: renderSupervise(plan) ?? '' };
  }
}

function listening(file: Fields, daemon: Daemon, listen: ListenAddress): Fields {
  if (daemon !== 'pipelock') return { ...file, listen };
  return { ...file, fetch_proxy: { ...(file['fetch_proxy'] as Fields), listen } };
}

/** The files of `daemon`'s configuration directory, by name: those of compose, but for the listen address. */
export function daemonFiles(plan: BottlePlan, daemon: Daemon): Texts {
  const files = composeFiles(plan, daemon);
  const name = fileName(daemon);
  const text = files[name] ?? '';
  const changed = listening(parse(text) as Fields, daemon, podListenAddress(plan, daemon));
  return { ...files, [name]: name.endsWith('.json') ? jsonText(changed) : yamlText(changed) };
}
