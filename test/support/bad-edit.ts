/** A bad edit of a compose file, and how one is written. */

export interface BadEdit {
  /** What it is, as the end of a sentence that begins with the service. */
  readonly name: string;
  /** Whose service it changes: `sidecars` is the bundle, or each daemon's own in the split shape. */
  readonly on: 'agent' | 'sidecars';
  /** The service after the edit. `service` is a copy that may be changed; what it returns takes its place. */
  edit(service: Record<string, unknown>): Record<string, unknown>;
  /** The rule that must be among the findings. */
  readonly rule: `bottles::${string}`;
  /** The override that does the same, where one `addOverride` does. */
  readonly override?: { readonly path: string; readonly value: unknown };
}

/** `addOverride(key, value)` on the service. */
export const sets = (
  on: BadEdit['on'],
  key: string,
  value: unknown,
  rule: BadEdit['rule'],
  name = `${key} ${JSON.stringify(value)}`,
): BadEdit => ({
  name,
  on,
  rule,
  edit: (service) => ({ ...service, [key]: value }),
  override: { path: key, value },
});

/** `addDeletionOverride(key)` on the service. */
export const drops = (on: BadEdit['on'], key: string, rule: BadEdit['rule']): BadEdit => ({
  name: `no ${key}`,
  on,
  rule,
  edit: ({ [key]: _gone, ...rest }) => rest,
});

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A JSON patch that adds `value` at the end of a list. */
export const adds = (on: BadEdit['on'], key: string, value: unknown, rule: BadEdit['rule']): BadEdit => ({
  name: `${key} with ${JSON.stringify(value)}`,
  on,
  rule,
  edit: (service) => ({ ...service, [key]: [...list(service[key]), value] }),
});

/** A JSON patch over the entries of a list. */
export const maps = (
  on: BadEdit['on'],
  key: string,
  name: string,
  change: (entry: unknown, index: number) => unknown,
  rule: BadEdit['rule'],
): BadEdit => ({
  name: `${key}: ${name}`,
  on,
  rule,
  edit: (service) => ({ ...service, [key]: list(service[key]).map(change) }),
});
