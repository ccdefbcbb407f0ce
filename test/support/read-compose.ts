/** What a compose file of ours says, back in the words of the plan. */

import type { EnvPlan, MountPlan, ResourcesPlan } from '../../lib/plan/index.ts';

export interface WrittenService {
  readonly environment: readonly string[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  readonly networks: Readonly<Record<string, { readonly aliases?: readonly string[] } | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly user?: string;
  readonly runtime?: string;
  readonly read_only: boolean;
  readonly mem_limit: string;
  readonly pids_limit: number;
  readonly cpus?: number;
}

export interface WrittenCompose {
  readonly services: Readonly<Record<string, WrittenService>>;
  readonly networks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Compose's escape of a dollar sign undone. */
export const plainText = (text: string): string => text.replaceAll('$$', '$');

/** `record` without the keys whose value is undefined. */
export const present = <T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** An entry of `environment`; `questions` by variable. */
export function variableOf(entry: string, questions: ReadonlyMap<string, string>): EnvPlan {
  const [, name = entry, value] = /^([^=]+)=(.*)$/s.exec(entry) ?? [];
  if (value === undefined) return { kind: 'host', name, from: name };
  const [, from, required] = /^\$\{([A-Za-z0-9_]+)(:\?[^}]*)?\}$/.exec(value) ?? [];
  if (from === undefined) return { kind: 'literal', name, value: plainText(value) };
  return required === undefined
    ? { kind: 'host', name, from }
    : { kind: 'ask', name, question: questions.get(name) ?? `${name} is asked for without a question` };
}

/** A mount of the definition as it was declared. */
export function mountOf(volume: Readonly<Record<string, unknown>>): MountPlan {
  const target = plainText(String(volume['target']));
  const source = plainText(String(volume['source']));
  switch (volume['type']) {
    case 'tmpfs':
      return { kind: 'tmpfs', target, ...((volume['tmpfs'] ?? {}) as { readonly size?: string }) };
    case 'volume':
      return { kind: 'volume', name: source.replace(/^user-/, ''), target };
    default: {
      const spelled = source.replace(/^\$\{CLAUDE_BOTTLE_PROJECT_DIR:\?\}\//, '');
      return { kind: 'bind', source: spelled, target, readOnly: volume['read_only'] === true };
    }
  }
}

/** Whether a volume is of the definition: ours come from the state directory or have a name of their own. */
export function isDeclaredMount({ type, source }: Readonly<Record<string, unknown>>): boolean {
  if (type === 'volume') return String(source).startsWith('user-');
  return type === 'tmpfs' || !String(source).startsWith('./');
}

export const resourcesOf = ({ mem_limit: memory, pids_limit: pids, cpus }: WrittenService): ResourcesPlan =>
  present({ memory, pids, cpus });
