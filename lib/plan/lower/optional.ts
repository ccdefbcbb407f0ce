type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** `fields` without those that are undefined, to spread where an optional property may be absent but not undefined. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
