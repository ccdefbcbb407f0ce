/** What a client may make of a spelling before it sends it. */

import { spelledUrl } from './url.ts';

/** Methods that `fetch` itself writes in upper case. */
const NORMALIZED = ['delete', 'get', 'head', 'options', 'post', 'put'];

export function methodNotes(method: string): readonly string[] {
  const lower = method.toLowerCase();
  if (method === method.toUpperCase()) return [];
  const fetched = NORMALIZED.includes(lower) ? `; fetch alone sends ${lower.toUpperCase()} for it` : '';
  return [
    `methods are case-sensitive, and judged as they are sent: ${method} is not ${method.toUpperCase()}${fetched}`,
  ];
}

const WITHOUT_TLS = /^ws/i;

/** The URL that a client of the WHATWG URL standard sends for `url`, where that is another one. */
export function otherSpelling(url: string): string | undefined {
  const spelled = spelledUrl(url);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || WITHOUT_TLS.test(parsed.protocol)) return undefined;
  const isSame =
    parsed.hostname === spelled.host.toLowerCase() && `${parsed.pathname}${parsed.search}` === spelled.target;
  parsed.hash = '';
  return isSame ? undefined : parsed.href;
}
