/** What each service's container is and may do: command, user, limits, rights. */

import { AGENT_SERVICE, isRootUser } from '../../plan/index.ts';
import { INIT_CAPABILITIES } from '../../render/compose/hardening.ts';
import { type Comparison, changes, closes, family, opens } from '../family.ts';
import type { ChangeKind } from '../model.ts';
import { theService } from '../services.ts';
import { named, nowAndThen } from '../shown.ts';
import { type Held, keyOfServices, listFamily, type Tell, weakness } from './service-keys.ts';

interface Key {
  readonly key: string;
  readonly kind: ChangeKind;
  /** As a sentence speaks of it. */
  readonly what: string;
  /** What a weak value lets happen, and which value is weak. */
  readonly weak?: readonly [text: (service: string) => string, is: (value: unknown) => boolean];
}

const isSandbox = (runtime: unknown): boolean => /^(runsc|kata)/.test(String(runtime));
const isUnset = (value: unknown): boolean => value === undefined;

const KEYS: readonly Key[] = [
  { key: 'command', kind: 'command', what: 'command' },
  { key: 'entrypoint', kind: 'command', what: 'entrypoint' },
  { key: 'working_dir', kind: 'command', what: 'working directory' },
  {
    key: 'user',
    kind: 'user',
    what: 'user',
    weak: [(service) => `${service} as root`, (value) => isRootUser(String(value))],
  },
  {
    key: 'runtime',
    kind: 'runtime',
    what: 'runtime',
    weak: [(service) => `the kernel of the host to ${service}, without a sandbox`, (value) => !isSandbox(value)],
  },
  {
    key: 'read_only',
    kind: 'root-file-system',
    what: 'read-only root',
    weak: [(service) => `writes to the root file system of ${service}`, (value) => value !== true],
  },
  {
    key: 'mem_limit',
    kind: 'resources',
    what: 'memory',
    weak: [(service) => `${service} without a memory limit`, isUnset],
  },
  { key: 'cpus', kind: 'resources', what: 'CPUs' },
  {
    key: 'pids_limit',
    kind: 'resources',
    what: 'processes',
    weak: [(service) => `${service} without a limit of processes`, isUnset],
  },
];

const isSet = (held: Held | undefined): boolean => held !== undefined && held.value !== undefined;

const keyFamilies = KEYS.map(({ key, kind, what, weak }) =>
  family<Held>({
    kind,
    read: keyOfServices(key),
    describe: (service, before, after) => {
      const is = (held: Held | undefined): boolean | undefined => held && weak?.[1](held.value);
      // A bottle that comes or goes whole is weak only where that was asked for.
      const isWhole = before === undefined || after === undefined;
      const text = weak?.[0](theService(service)) ?? '';
      const told =
        isWhole && kind === 'runtime' ? [] : weakness(is(before), is(after), { kind, subject: service, text });
      const value =
        isSet(before) || isSet(after)
          ? [
              changes(
                kind,
                service,
                `${what} of ${theService(service)}: ${nowAndThen(key, before?.value, after?.value)}`,
              ),
            ]
          : [];
      return [...told, ...value];
    },
  }),
);

const capability: (effect: 'opens' | 'closes') => Tell = (effect) => (service, entry) => {
  const isInit = service !== AGENT_SERVICE && INIT_CAPABILITIES.some((name) => name === entry);
  const text = `capability ${named(entry)} to ${theService(service)}`;
  return { kind: 'capability', effect: isInit ? 'neither' : effect, subject: service, text };
};

const dropped: (effect: 'opens' | 'closes') => Tell = (effect) => (service, entry) => ({
  kind: 'capability',
  effect,
  subject: service,
  text: `${entry === 'ALL' ? "the engine's default capabilities" : `capability ${named(entry)}`} kept by ${theService(service)}`,
});

const GUARD = /^no-new-privileges([:=]true)?$/;
const LOOSE = /unconfined|disable|no-new-privileges[:=]false/;

const securityOption: (isAdded: boolean) => Tell = (isAdded) => (service, entry) => {
  const at = theService(service);
  if (GUARD.test(entry)) {
    const text = `new privileges by set-user-id programs in ${at}`;
    return isAdded ? closes('security-option', service, text) : opens('security-option', service, text);
  }
  const text = `security option ${named(entry)} of ${at}`;
  if (LOOSE.test(entry))
    return isAdded ? opens('security-option', service, text) : closes('security-option', service, text);
  return changes('security-option', service, `${text} ${isAdded ? 'added' : 'removed'}`);
};

export const containers: readonly Comparison[] = [
  ...keyFamilies,
  listFamily('cap_add', 'capability', capability('opens'), capability('closes')),
  listFamily('cap_drop', 'capability', dropped('closes'), dropped('opens')),
  listFamily('security_opt', 'security-option', securityOption(true), securityOption(false)),
];
