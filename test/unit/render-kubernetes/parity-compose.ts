/** The facts of a bottle in compose, in the split shape: a container for each daemon, as on Kubernetes. */

import { type BottlePlan, type Daemon, servingNetwork } from '../../../lib/plan/index.ts';
import { renderedBottle } from '../../../lib/render/index.ts';
import { bytes, type Facts, listenFact, prefixed } from './parity-facts.ts';

interface Service {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly runtime?: string;
  readonly working_dir?: string;
  readonly dns?: readonly string[];
  readonly environment: readonly string[];
  readonly volumes: readonly {
    readonly type: string;
    readonly source?: string;
    readonly target: string;
    readonly read_only?: boolean;
    readonly tmpfs?: { readonly size?: string };
  }[];
  readonly tmpfs: readonly string[];
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly read_only: boolean;
  readonly pids_limit: number;
  readonly mem_limit: string;
  readonly cpus?: number;
  readonly restart: string;
  readonly stop_grace_period: string;
  readonly logging: { readonly options: object };
  readonly healthcheck?: { readonly test: readonly string[] };
}

const unescaped = (text: string): string => text.replaceAll('$$', '$');

function variable(entry: string): readonly [string, string] {
  const [, name = '', value] = /^([^=]+)(?:=([\s\S]*))?$/.exec(entry) ?? [];
  if (value === undefined) return [`env ${name}`, `from ${name}`];
  const [, from] = /^\$\{(\w+)(?::\?[^}]*)?\}$/.exec(value) ?? [];
  if (from === undefined) return [`env ${name}`, unescaped(value)];
  return [`env ${name}`, from.startsWith('CLAUDE_BOTTLE_ANSWER_') ? 'asked' : `from ${from}`];
}

function tmpfs(entry: string): readonly [string, string] {
  const [path = '', options = ''] = entry.split(':');
  const size = /size=(\w+)/.exec(options)?.[1];
  const owner = /uid=(\d+).*mode=0?(\d+)/.exec(options);
  const kept = `tmpfs${size === undefined ? '' : ` ${bytes(size)}`}`;
  return [`mount ${path}`, owner === null ? kept : `${kept} of ${owner[1]} alone`];
}

function mounts({ volumes, tmpfs: scratch }: Service, memory: string): Facts {
  return Object.fromEntries([
    ...volumes.map((one): readonly [string, string] => {
      if (one.type === 'tmpfs')
        return [`mount ${one.target}`, `tmpfs${one.tmpfs?.size === undefined ? '' : ` ${bytes(one.tmpfs.size)}`}`];
      const kind = one.type === 'volume' ? 'volume' : one.read_only === true ? 'files, read-only' : 'files';
      return [`mount ${one.target}`, kind];
    }),
    ...scratch.map(tmpfs),
    ['memory', bytes(memory)],
  ]);
}

/** Texts of the directories of the state directory that the service mounts, by path in the container. */
function files({ volumes }: Service, rendered: Facts): Facts {
  return Object.fromEntries(
    volumes.flatMap(({ source = '', target }) => {
      const directory = source.replace(/^\.\//, '');
      return Object.entries(rendered)
        .filter(([path]) => source.startsWith('./') && path.startsWith(`${directory}/`))
        .map(([path, text]) => [`file ${target}${path.slice(directory.length)}`, text]);
    }),
  );
}

function facts(service: Service, rendered: Facts): Facts {
  const { cap_add: added = [], cap_drop: dropped, security_opt: options, logging } = service;
  return {
    ...Object.fromEntries(service.environment.map(variable)),
    ...mounts(service, service.mem_limit),
    ...files(service, rendered),
    command: [...(service.entrypoint ?? []), ...(service.command ?? []).map(unescaped)].join(' '),
    'working directory': service.working_dir ?? '',
    user: service.user ?? 'of the image',
    runtime: service.runtime ?? '',
    names: service.dns?.join() ?? 'resolved',
    capabilities: `${dropped.join()} dropped, ${added.join() || 'none'} added`,
    'no new privileges': String(options.includes('no-new-privileges:true')),
    'read-only root': String(service.read_only),
    pids: String(service.pids_limit),
    cpus: String(service.cpus ?? 'any'),
    grace: service.stop_grace_period,
    restart: service.restart,
    logs: JSON.stringify(logging.options),
    health: service.healthcheck?.test.slice(1).join(' ') ?? 'none',
  };
}

/** Whether the agent can dial `daemon`: it is on the internal network alone. */
const dialled = (plan: BottlePlan, daemon: Daemon): string => String(servingNetwork(plan, daemon) === 'internal');

export function composeFacts(plan: BottlePlan): Facts {
  const split: BottlePlan = { ...plan, sidecars: { ...plan.sidecars, shape: 'split' } };
  const { compose, files: rendered } = renderedBottle(split);
  const all = Object.entries(compose.services as unknown as Readonly<Record<string, Service>>).map(
    ([name, service]) => {
      const own = facts(service, rendered);
      if (name === 'agent') return prefixed('agent', own);
      const daemon = name as Daemon;
      return prefixed(name, { ...own, listens: listenFact(daemon, own), 'agent dials it': dialled(split, daemon) });
    },
  );
  return Object.assign({}, ...all) as Facts;
}
