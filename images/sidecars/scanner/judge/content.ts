/** Secrets in the headers and the body of a request. */

import type { HeaderField } from '../proxy/headers.ts';
import { type Refusal, refusal } from '../refusal.ts';
import type { Effort } from '../secrets/budget.ts';
import { bodyFields, parameterFields } from '../secrets/fields.ts';
import { type Finding, findInFields, findInWords, findSecret } from '../secrets/find-secret.ts';
import { CASELESS_PATTERNS, firstMatch } from '../secrets/patterns.ts';
import { orUnscannable } from './unscannable.ts';

/** The first secret among the header fields, names included, but for the fields named in `ignored`. */
async function secretInHeaders(
  fields: readonly HeaderField[],
  ignored: ReadonlySet<string>,
  effort: Effort,
): Promise<Finding | undefined> {
  const scanned = fields.filter(({ name }) => !ignored.has(name.toLowerCase()));
  const inNames = firstMatch(scanned.map(({ name }) => name).join('\n'), CASELESS_PATTERNS);
  if (inNames !== undefined) return inNames;
  const lines = scanned.map(({ name, value }) => `${name}: ${value}`).join('\n');
  return (
    (await findSecret(lines, effort)) ??
    (await findSecret(scanned.map(({ value }) => value).join(''), effort)) ??
    findInWords(scanned.map(({ name }) => name).join('')) ??
    findInWords(scanned.map(({ name, value }) => `${name}${value}`).join('')) ??
    // Cookies, above all: parameters, whose pairs may be spread over several fields.
    findInFields(parameterFields(Buffer.from(scanned.map(({ value }) => value).join(';'), 'latin1')), effort)
  );
}

export function judgeHeaders(
  fields: readonly HeaderField[],
  ignored: ReadonlySet<string>,
  effort: Effort = 'full',
): Promise<Refusal | undefined> {
  const refused = refusal('header_dlp', 'request header contains secret');
  const judge = async () => ((await secretInHeaders(fields, ignored, effort)) === undefined ? undefined : refused);
  return orUnscannable(judge, effort, () => refused);
}

async function secretInBody(body: Buffer, effort: Effort): Promise<Finding | undefined> {
  const found = await findSecret(body.toString('latin1'), effort);
  if (found !== undefined) return found;
  for (const fields of bodyFields(body)) {
    const inFields = await findInFields(fields, effort);
    if (inFields !== undefined) return inFields;
  }
  return undefined;
}

export async function judgeBody(body: Buffer, effort: Effort = 'full'): Promise<Refusal | undefined> {
  if (body.length === 0) return undefined;
  const judge = async () => {
    const found = await secretInBody(body, effort);
    return found === undefined ? undefined : refusal('body_dlp', `request body contains secret: ${found.name}`);
  };
  return orUnscannable(judge, effort, (why) => refusal('body_dlp', `request body cannot be scanned: ${why}`));
}
