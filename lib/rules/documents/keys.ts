/** Which keys a service may carry at all (compose specification, "services"). What is on no list is refused. */

import { quoted } from '../../plan/index.ts';
import type { DocumentRule } from '../document-rule.ts';
import { changedServices, has, judgedServices, keyBreach, pointerTo } from './services.ts';

/** Written by synth or judged by a rule of its own. */
const JUDGED = [
  'build cap_add cap_drop cgroup cgroup_parent container_name cpus cpu_rt_period cpu_rt_runtime depends_on',
  'device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint environment external_links extra_hosts gpus',
  'healthcheck hostname image ipc labels links logging mac_address mem_limit memswap_limit network_mode networks',
  'oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_start pre_stop privileged pull_policy',
  'pull_refresh_after read_only restart runtime security_opt stop_grace_period stop_signal sysctls tmpfs user',
  'userns_mode uts volumes',
].flatMap((line) => line.split(' '));

/** Open nothing: shares of what is limited already, and what compose alone reads. */
const HARMLESS = [
  'attach cpu_count cpu_percent cpu_period cpu_quota cpu_shares cpuset mem_reservation mem_swappiness shm_size ulimits',
].flatMap((line) => line.split(' '));

/** Of any service: what it runs and as whom. Judged of a sidecar where they would change how the init runs. */
const OF_A_SIDECAR = [
  ...JUDGED,
  ...HARMLESS,
  'command',
  'group_add',
  'init',
  'stdin_open',
  'tty',
  'umask',
  'working_dir',
];

/** The agent may also listen, for nobody but itself. */
const OF_THE_AGENT = [...OF_A_SIDECAR, 'expose'];

/** Keys that a rule over the same service refuses by name. */
const HOOKS = ['post_start', 'pre_start', 'pre_stop'];

/** What to do instead of the best-known of the refused keys. */
const INSTEAD: Readonly<Record<string, string>> = {
  annotations: 'remove it; runtimes read annotations as commands',
  build: 'use `image: Image.build(context)`',
  configs: 'use `mounts` with Mount.bind',
  credential_spec: 'remove it',
  deploy: 'use `resources`',
  develop: 'remove it; changed definitions are deployed by `bottle deploy`',
  env_file: 'use `agent.env`',
  extends: 'write it in the definition, or in a subclass of Bottle',
  label_file: 'use `labels` of the bottle',
  models: 'use a Route to the model’s host',
  profiles: 'remove it; all services of a bottle run together',
  provider: 'remove it; it runs a program on the host',
  scale: 'declare another bottle; a service is one container',
  secrets: 'use `auth` of a route; the agent never holds a credential',
  use_api_socket: 'remove it; it is the socket of the container runtime',
  volumes_from: 'use `mounts`',
};

/** Whether `key` may be on a service; its value is judged elsewhere. */
const isKnownKey = (key: string, isAgent: boolean): boolean =>
  key.startsWith('x-') || (isAgent ? OF_THE_AGENT : OF_A_SIDECAR).includes(key);

/** Places of the key by which YAML merges another mapping in: what is written there is not what is read. */
function* mergeKeys(value: unknown, place: readonly string[]): Iterable<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    if (key === '<<') yield [...place, key];
    yield* mergeKeys(one, [...place, key]);
  }
}

export const KEY_RULES: readonly DocumentRule[] = [
  {
    id: 'bottles::service-key',
    severity: 'error',
    what: 'a key of a service that is on no list of what a bottle uses or what is harmless',
    why: 'files, secrets, sockets, programs of the host and other services come in by such keys, and newer ones are unknown here',
    fix: 'remove it; say what it was for by a property of the definition',
    *check(bottle) {
      for (const judged of changedServices(bottle)) {
        for (const place of mergeKeys(judged.service, ['services', judged.name])) {
          const message = `service ${quoted(judged.name)} has a key '<<', by which YAML merges; allowed: the keys themselves`;
          yield { pointer: pointerTo(...place), message };
        }
      }
      for (const judged of judgedServices(bottle)) {
        for (const key of Object.keys(judged.service).filter((one) => one !== '<<')) {
          if (isKnownKey(key, judged.isAgent) || !has(judged.service, key)) continue;
          const allowed = `what synth writes, and ${HARMLESS.join(', ')}`;
          yield keyBreach(
            judged,
            key,
            `is not among the keys that are known to be safe; allowed: ${allowed}`,
            INSTEAD[key],
          );
        }
      }
    },
  },
  {
    id: 'bottles::service-hook',
    severity: 'error',
    what: 'a hook of a container: commands before or after its start, or before its stop',
    why: 'a hook runs in the container as whom it says, privileged if it says so, past the init and what the container gave up',
    fix: 'remove it; what the agent runs is `command`',
    *check(bottle) {
      for (const judged of judgedServices(bottle)) {
        for (const key of HOOKS) {
          if (has(judged.service, key)) yield keyBreach(judged, key, `is there; allowed: no ${quoted(key)}`);
        }
      }
    },
  },
];
