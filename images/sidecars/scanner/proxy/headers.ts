/** Header fields as they arrive: a flat list of names and values, duplicates and order kept. */

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** Fields of one connection (RFC 9110 section 7.6.1), never forwarded. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The fields of Node's `rawHeaders`. */
export function fieldsOf(raw: readonly string[]): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    fields.push({ name: raw[index] ?? '', value: raw[index + 1] ?? '' });
  }
  return fields;
}

export function valuesOf(fields: readonly HeaderField[], name: string): readonly string[] {
  return fields.filter((field) => field.name.toLowerCase() === name).map((field) => field.value);
}

const tokensOf = (values: readonly string[]): string[] =>
  values.flatMap((value) => value.split(',')).map((token) => token.trim().toLowerCase());

/** The fields to pass on: without those of the connection, and those that its `Connection` field names. */
export function endToEnd(fields: readonly HeaderField[]): readonly HeaderField[] {
  const named = new Set(tokensOf(valuesOf(fields, 'connection')));
  return fields.filter(({ name }) => !HOP_BY_HOP.has(name.toLowerCase()) && !named.has(name.toLowerCase()));
}

/** Fields as Node's `rawHeaders`, for writing a head by hand or through `http`. */
export const rawOf = (fields: readonly HeaderField[]): string[] => fields.flatMap(({ name, value }) => [name, value]);

/** Whether `Content-Encoding` names anything but identity. */
export const isEncoded = (fields: readonly HeaderField[]): boolean =>
  tokensOf(valuesOf(fields, 'content-encoding')).some((token) => token !== '' && token !== 'identity');
