/** What a container may do to the machine (domain §2, difference 6). Judged as it stands, whoever wrote it. */

import { listed, quoted } from '../../plan/index.ts';
import { textOf, textsOf } from '../../topology/compose-values.ts';
import type { DocumentRule } from '../document-rule.ts';
import { has, type JudgedService, judgedServices, keyBreach, shownValue } from './services.ts';

/** What the init of the sidecars gets back: to start each daemon under its own uid and to signal it. */
const INIT_CAPABILITIES: readonly string[] = ['SETUID', 'SETGID', 'KILL'];
const DAC_READ_SEARCH = 'DAC_READ_SEARCH';

const isOff = (value: unknown): boolean => ['false', ''].includes(textOf(value ?? '') ?? 'x');

/** Names of capabilities as the kernel has them, however they are spelled. */
const capabilities = (value: unknown): readonly string[] =>
  textsOf(value ?? []).map((name) => name.trim().toUpperCase().replace(/^CAP_/, ''));

const grants = (capability: string): boolean => [DAC_READ_SEARCH, 'ALL'].includes(capability);

/** Namespaces that a container may be given anew but never share: the values that give it its own. */
const NAMESPACES: Readonly<Record<string, readonly string[]>> = {
  network_mode: [],
  pid: [],
  ipc: ['private', 'none'],
  uts: [],
  userns_mode: [],
  cgroup: ['private'],
  cgroup_parent: [],
};

/** `kind:value` or `kind=value` of an entry of `security_opt`. */
function securityOption(entry: string): readonly [string, string] {
  const [, kind = entry, value = ''] = /^([^:=]+)[:=](.*)$/s.exec(entry.trim()) ?? [];
  return [kind.trim().toLowerCase(), value.trim().toLowerCase()];
}

const NO_NEW_PRIVILEGES = 'no-new-privileges';
const forbidsNewPrivileges = ([kind, value]: readonly [string, string]): boolean =>
  kind === NO_NEW_PRIVILEGES && (value === 'true' || value === '');

const LOOSE_PROFILES = ['unconfined', ''];
/** Whether an option only narrows. A profile of one's own for seccomp cannot be told from no profile at all. */
const narrows = ([kind, value]: readonly [string, string]): boolean =>
  kind === NO_NEW_PRIVILEGES ||
  (kind === 'apparmor' && !LOOSE_PROFILES.includes(value)) ||
  (kind === 'label' && /^level[:=]./.test(value));

const optionsOf = ({ service }: JudgedService): readonly (readonly [string, string])[] =>
  textsOf(service['security_opt'] ?? []).map(securityOption);

/** A rule over one thing of every service. */
const each = (
  rule: Omit<DocumentRule, 'severity' | 'check'>,
  judge: (judged: JudgedService) => ReturnType<DocumentRule['check']>,
): DocumentRule => ({
  ...rule,
  severity: 'error',
  *check(bottle) {
    for (const judged of judgedServices(bottle)) yield* judge(judged);
  },
});

export const PRIVILEGE_RULES: readonly DocumentRule[] = [
  each(
    {
      id: 'bottles::privileged',
      what: 'a privileged container',
      why: 'it has every capability and every device: it is the machine',
      fix: 'remove it; no service of a bottle needs it',
    },
    function* (judged) {
      const { service } = judged;
      if (has(service, 'privileged') && !isOff(service['privileged'])) {
        yield keyBreach(judged, 'privileged', `is ${shownValue(service['privileged'])}; allowed: false`);
      }
    },
  ),
  each(
    {
      id: 'bottles::shared-namespace',
      what: 'a namespace that a container shares with the machine or with another container',
      why: 'in another network namespace the agent is past its proxies, in another process namespace it reads what they know',
      fix: 'remove it; what the agent reaches are `routes` and `remotes`',
    },
    function* (judged) {
      for (const [key, allowed] of Object.entries(NAMESPACES)) {
        const value = judged.service[key];
        if (!has(judged.service, key) || allowed.includes(textOf(value) ?? '')) continue;
        const words = allowed.length === 0 ? 'none' : listed(allowed.map(quoted));
        yield keyBreach(judged, key, `is ${shownValue(value)}; allowed: ${words}`);
      }
    },
  ),
  each(
    {
      id: 'bottles::capability-dac-read-search',
      what: 'the capability DAC_READ_SEARCH, by its name or as one of ALL',
      why: 'it also unlocks open_by_handle_at, by which a container reads any file of the host from one bind mount',
      fix: 'remove it; the init reads keys as their owner and needs no such capability',
    },
    function* (judged) {
      const found = capabilities(judged.service['cap_add']).find(grants);
      if (found !== undefined) yield keyBreach(judged, 'cap_add', `has ${quoted(found)}; allowed: nowhere`);
    },
  ),
  each(
    {
      id: 'bottles::capability-set',
      what: 'a capability on the agent, or on a sidecar another set than SETUID, SETGID and KILL',
      why: 'capabilities are what is left of root: the init needs these three, nobody needs another',
      fix: 'remove the override',
    },
    function* (judged) {
      const wanted = judged.isAgent ? [] : INIT_CAPABILITIES;
      const given = capabilities(judged.service['cap_add']);
      const extra = given.filter((name) => !wanted.includes(name) && !grants(name));
      const gone = wanted.filter((name) => !given.includes(name));
      const words = [
        ...(extra.length === 0 ? [] : [`adds ${listed(extra.map(quoted))}`]),
        ...(gone.length === 0 ? [] : [`lacks ${listed(gone)}`]),
      ];
      if (words.length === 0) return;
      const allowed = wanted.length === 0 ? 'none' : listed(wanted);
      yield keyBreach(judged, 'cap_add', `${words.join(' and ')}; allowed: ${allowed}`);
    },
  ),
  each(
    {
      id: 'bottles::capability-kept',
      what: 'a container that does not drop all capabilities',
      why: 'the engine gives fourteen by default, raw sockets among them',
      fix: 'remove the override; `cap_drop` is [ALL]',
    },
    function* (judged) {
      const dropped = capabilities(judged.service['cap_drop']);
      if (!dropped.includes('ALL')) {
        yield keyBreach(judged, 'cap_drop', `drops ${listed(dropped.map(quoted))}; allowed: 'ALL'`);
      }
    },
  ),
  each(
    {
      id: 'bottles::new-privileges',
      what: 'a container without no-new-privileges',
      why: 'a set-user-id program of the image would give root back',
      fix: "remove the override; `security_opt` has 'no-new-privileges:true'",
    },
    function* (judged) {
      const said = optionsOf(judged).filter(([kind]) => kind === NO_NEW_PRIVILEGES);
      if (said.length > 0 && said.every(forbidsNewPrivileges)) return;
      const words = said.length === 0 ? `lacks ${NO_NEW_PRIVILEGES}` : `switches ${NO_NEW_PRIVILEGES} off`;
      yield keyBreach(judged, 'security_opt', `${words}; allowed: '${NO_NEW_PRIVILEGES}:true'`);
    },
  ),
  each(
    {
      id: 'bottles::security-profile',
      what: 'a security option that is unconfined, or a profile of which nothing is known',
      why: 'the engine’s own profiles refuse the system calls and files by which containers are left',
      fix: 'remove it; allowed beside no-new-privileges are a named AppArmor profile and an SELinux level',
    },
    function* (judged) {
      for (const option of optionsOf(judged)) {
        if (narrows(option)) continue;
        yield keyBreach(
          judged,
          'security_opt',
          `has ${quoted(option.filter((word) => word !== '').join(':'))}; allowed: no-new-privileges:true, apparmor:<profile> and label:level:<level>`,
        );
      }
    },
  ),
  each(
    {
      id: 'bottles::device-access',
      what: 'a device of the machine in a container',
      why: 'a device is a way to the kernel and past every file permission; several are the whole memory or disk',
      fix: 'remove it; a bottle has no devices',
    },
    function* (judged) {
      for (const key of ['devices', 'device_cgroup_rules', 'gpus']) {
        if (has(judged.service, key))
          yield keyBreach(judged, key, `is ${shownValue(judged.service[key])}; allowed: none`);
      }
    },
  ),
  each(
    {
      id: 'bottles::kernel-setting',
      what: 'a kernel parameter of a container',
      why: 'parameters of the network namespace decide who forwards, redirects and pings',
      fix: 'remove it; a bottle has no use for one',
    },
    function* (judged) {
      if (has(judged.service, 'sysctls')) {
        yield keyBreach(judged, 'sysctls', `is ${shownValue(judged.service['sysctls'])}; allowed: none`);
      }
    },
  ),
  each(
    {
      id: 'bottles::published-port',
      what: 'a port of a container that the host publishes',
      why: 'it would offer a proxy that injects credentials, a push gate or the agent to every process of the host, and beyond',
      fix: 'remove it; use `bottle enter`, and the daemons answer the agent alone',
    },
    function* (judged) {
      if (has(judged.service, 'ports')) {
        yield keyBreach(judged, 'ports', `is ${shownValue(judged.service['ports'])}; allowed: none`);
      }
    },
  ),
];
