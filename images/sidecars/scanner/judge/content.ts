/** Secrets in the headers and the body of a request. */

import { type HeaderField, valuesOf } from '../proxy/headers.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { joinedJsonStrings, joinedParameters, joinedParts } from '../secrets/fields.ts';
import { type Finding, findSecret } from '../secrets/find-secret.ts';
import { DecodeBudgetError } from '../secrets/layers.ts';
import { CASELESS_PATTERNS, firstMatch } from '../secrets/patterns.ts';

/** The first secret among the header fields, names included, but for the fields named in `ignored`. */
export async function secretInHeaders(
  fields: readonly HeaderField[],
  ignored: ReadonlySet<string>,
): Promise<Finding | undefined> {
  const scanned = fields.filter(({ name }) => !ignored.has(name.toLowerCase()));
  const inNames = firstMatch(scanned.map(({ name }) => name).join('\n'), CASELESS_PATTERNS);
  if (inNames !== undefined) return inNames;
  const lines = scanned.map(({ name, value }) => `${name}: ${value}`).join('\n');
  return (await findSecret(lines)) ?? (await findSecret(scanned.map(({ value }) => value).join('')));
}

export async function judgeHeaders(
  fields: readonly HeaderField[],
  ignored: ReadonlySet<string>,
): Promise<Refusal | undefined> {
  try {
    const found = await secretInHeaders(fields, ignored);
    return found === undefined ? undefined : refusal('header_dlp', 'request header contains secret');
  } catch (reason) {
    if (reason instanceof DecodeBudgetError) return refusal('header_dlp', 'request header contains secret');
    throw reason;
  }
}

/** What of `body` is put together before it is scanned, by its type. */
function joinedFields(body: string, contentType: string): string {
  if (/^\s*multipart\//i.test(contentType)) return joinedParts(body, contentType);
  if (/^\s*application\/x-www-form-urlencoded/i.test(contentType)) return joinedParameters(body);
  return joinedJsonStrings(body);
}

export async function judgeBody(body: Buffer, fields: readonly HeaderField[]): Promise<Refusal | undefined> {
  if (body.length === 0) return undefined;
  const text = body.toString('latin1');
  try {
    const contentType = valuesOf(fields, 'content-type').join(', ');
    const found = (await findSecret(text)) ?? (await findSecret(joinedFields(text, contentType)));
    return found === undefined ? undefined : refusal('body_dlp', `request body contains secret: ${found.name}`);
  } catch (reason) {
    if (reason instanceof DecodeBudgetError) {
      return refusal('body_dlp', `request body cannot be scanned: ${reason.message}`);
    }
    throw reason;
  }
}
