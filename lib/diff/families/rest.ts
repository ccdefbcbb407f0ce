/** What no family took: every leaf that is left in either version is told by its place. */

import { isDeepStrictEqual } from 'node:util';
import { AGENT_SERVICE, BOTTLE_FILE } from '../../plan/index.ts';
import { changes, closes, opens, type Pair, type Said } from '../family.ts';
import type { Change, ChangeKind } from '../model.ts';
import { theService } from '../services.ts';
import { named, nowAndThen, shownValue } from '../shown.ts';
import { type Entries, isEntries, MANIFEST } from '../side.ts';

type Leaf = readonly [path: readonly string[], value: unknown];

/** Values by path; an empty mapping is a value. */
function leaves(value: unknown, path: readonly string[] = []): readonly Leaf[] {
  if (!isEntries(value)) return [[path, value]];
  const entries = Object.entries(value);
  if (entries.length === 0 && path.length > 0) return [[path, value]];
  return entries.flatMap(([key, one]) => leaves(one, [...path, key]));
}

interface Difference {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

function differences(before: Entries | undefined, after: Entries | undefined): readonly Difference[] {
  const key = (path: readonly string[]): string => JSON.stringify(path);
  const index = (side: Entries | undefined): ReadonlyMap<string, Leaf> =>
    new Map((side === undefined ? [] : leaves(side)).map((leaf) => [key(leaf[0]), leaf]));
  const [old, now] = [index(before), index(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((at) => {
    const [was, is] = [old.get(at), now.get(at)];
    const path = (is ?? was)?.[0] ?? [];
    return isDeepStrictEqual(was?.[1], is?.[1]) ? [] : [{ path, before: was?.[1], after: is?.[1] }];
  });
}

/** Keys of a service by which a container gets more of its host or its neighbours, whatever they hold. */
const OPENING: readonly string[] = [
  'build',
  'cgroup',
  'cgroup_parent',
  'configs',
  'device_cgroup_rules',
  'devices',
  'env_file',
  'expose',
  'external_links',
  'extra_hosts',
  'gpus',
  'group_add',
  'ipc',
  'links',
  'network_mode',
  'pid',
  'ports',
  'privileged',
  'secrets',
  'sysctls',
  'use_api_socket',
  'userns_mode',
  'uts',
  'volumes_from',
];

/** `path` in dots, where a key may hold one: as an override spells it. */
const dotted = (path: readonly string[]): string => path.map((key) => named(key.replaceAll('.', '\\.'))).join('.');

function serviceChange(service: string, { path, before, after }: Difference): readonly Said[] {
  const place = `${named(service)}: ${dotted(path)}`;
  const name = path.at(-1) ?? '';
  if (!OPENING.includes(path[0] ?? '')) {
    return [changes('compose', service, `${place}: ${nowAndThen(name, before, after)}`)];
  }
  const text = (value: unknown): string => `${place}: ${shownValue(name, value)}, to ${theService(service)}`;
  return [
    ...(before === undefined || before === false ? [] : [closes('compose', service, text(before))]),
    ...(after === undefined || after === false ? [] : [opens('compose', service, text(after))]),
  ];
}

function composeChange({ path, before, after }: Difference): readonly Said[] {
  const [section, service, ...rest] = path;
  if (section === 'services' && service !== undefined && rest.length > 0) {
    const said = serviceChange(service, { path: rest, before, after });
    if (said.length > 0) return said;
  }
  return [
    changes(
      'compose',
      service ?? section ?? AGENT_SERVICE,
      `${dotted(path)}: ${nowAndThen(path.at(-1) ?? '', before, after)}`,
    ),
  ];
}

/** Settings of pipelock that guard as long as they are true. */
const GUARDS: readonly string[] = [
  'enforce',
  'request_body_scanning.enabled',
  'request_body_scanning.scan_headers',
  'response_scanning.enabled',
  'tls_interception.enabled',
];

function settingChange(file: string, { path, before, after }: Difference): readonly Said[] {
  const at = `${file}: ${dotted(path)}`;
  const guards = file === BOTTLE_FILE.pipelock && GUARDS.includes(path.join('.'));
  if (!guards || (before === true) === (after === true)) {
    return [changes('setting', file, `${at}: ${nowAndThen(path.at(-1) ?? '', before, after)}`)];
  }
  const text = `traffic without pipelock's ${dotted(path)}`;
  return [after === true ? closes('setting', file, text) : opens('setting', file, text)];
}

const kept = (files: readonly string[], said: readonly Said[]): readonly Change[] =>
  said.map((one) => ({ ...one, files }));

const CONFIGURATIONS = [BOTTLE_FILE.routes, BOTTLE_FILE.pipelock, BOTTLE_FILE.gitGate, BOTTLE_FILE.supervise];

/** The differences that are left once every family has taken its part. A file of one version alone is told elsewhere. */
export function rest({ before, after }: Pair): readonly Change[] {
  if (!before.exists || !after.exists) return [];
  const compose = differences(before.documents[BOTTLE_FILE.compose], after.documents[BOTTLE_FILE.compose]).flatMap(
    composeChange,
  );
  const settings = CONFIGURATIONS.flatMap((file) => {
    const [old, now] = [before.documents[file], after.documents[file]];
    if (old === undefined || now === undefined) return [];
    return kept(
      [file],
      differences(old, now).flatMap((one) => settingChange(file, one)),
    );
  });
  const manifest = differences(before.manifest, after.manifest).map(({ path, before: old, after: now }) =>
    changes(
      'manifest' satisfies ChangeKind,
      path[0] ?? '',
      `manifest: ${dotted(path)}: ${nowAndThen(path.at(-1) ?? '', old, now)}`,
    ),
  );
  return [...kept([BOTTLE_FILE.compose], compose), ...settings, ...kept([MANIFEST], manifest)];
}
