/**
 * Headers that no credential may be sent in: they frame a message, pick its receiver, belong to a hop or a session, or
 * ask for an answer in which egress could not find the credential. images/sidecars/egress/policy.py holds the same list
 * for egress itself; test/property/egress-agreement.test.ts compares the two.
 */
export const FORBIDDEN_HEADERS = [
  'a-im',
  'accept-charset',
  'accept-encoding',
  'age',
  'alt-svc',
  'connection',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'if-range',
  'keep-alive',
  'max-forwards',
  'origin',
  'range',
  'request-range',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-ms-range',
] as const;

export const FORBIDDEN_HEADER_PREFIXES = ['content-', 'proxy-', 'sec-', 'x-forwarded-'] as const;

/** Whether `name` is one of these, as servers read it that take any sign for a hyphen. */
export function isForbiddenHeader(name: string): boolean {
  const canonical = name.toLowerCase().replace(/[^a-z0-9]/g, '-');
  return (
    FORBIDDEN_HEADERS.some((forbidden) => forbidden === canonical) ||
    FORBIDDEN_HEADER_PREFIXES.some((prefix) => canonical.startsWith(prefix))
  );
}
