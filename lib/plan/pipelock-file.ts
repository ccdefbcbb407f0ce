/** What writers and readers of `pipelock/pipelock.yaml` have to know of its values. */

/** Stands in an allowlist that would be empty, which strict mode refuses; RFC 2606 keeps the name from ever existing. */
export const NO_HOST = 'nothing.invalid';

/** Headers that end at each hop (RFC 9110 §7.6.1): they carry nothing to the origin, so pipelock need not scan them. */
export const HOP_BY_HOP_HEADERS: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
