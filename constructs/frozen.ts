const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

function copy(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    seen.set(value, list);
    for (const entry of value) list.push(copy(entry, seen));
    return Object.freeze(list);
  }
  if (!isPlain(value)) return value;
  const fields: Record<string, unknown> = Object.create(null);
  seen.set(value, fields);
  for (const [key, entry] of Object.entries(value)) fields[key] = copy(entry, seen);
  return Object.freeze(fields);
}

/** A frozen copy of what a definition gave, lists and plain objects all the way down: a later change has no effect. */
export function frozen<T>(given: T): T {
  return copy(given, new Map()) as T;
}
