/** Secrets in the headers and the body of a request. */

import type { HeaderField } from '../proxy/headers.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { DecodeBudgetError } from '../secrets/budget.ts';
import { bodyFields, parameterFields } from '../secrets/fields.ts';
import { type Finding, findInFields, findInWords, findSecret } from '../secrets/find-secret.ts';
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
  return (
    (await findSecret(lines)) ??
    (await findSecret(scanned.map(({ value }) => value).join(''))) ??
    findInWords(scanned.map(({ name }) => name).join('')) ??
    findInWords(scanned.map(({ name, value }) => `${name}${value}`).join('')) ??
    // Cookies, above all: parameters, whose pairs may be spread over several fields.
    findInFields(parameterFields(Buffer.from(scanned.map(({ value }) => value).join(';'), 'latin1')))
  );
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

async function secretInBody(body: Buffer): Promise<Finding | undefined> {
  const found = await findSecret(body.toString('latin1'));
  if (found !== undefined) return found;
  for (const fields of bodyFields(body)) {
    const inFields = await findInFields(fields);
    if (inFields !== undefined) return inFields;
  }
  return undefined;
}

export async function judgeBody(body: Buffer): Promise<Refusal | undefined> {
  if (body.length === 0) return undefined;
  try {
    const found = await secretInBody(body);
    return found === undefined ? undefined : refusal('body_dlp', `request body contains secret: ${found.name}`);
  } catch (reason) {
    if (reason instanceof DecodeBudgetError) {
      return refusal('body_dlp', `request body cannot be scanned: ${reason.message}`);
    }
    throw reason;
  }
}
