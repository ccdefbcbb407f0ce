/** What a reload may not do in strict mode: the rules of pipelock for the keys that the scanner knows. */

import type { Config } from './schema.ts';

function added(before: readonly string[], after: readonly string[]): string[] {
  const known = new Set(before.map((name) => name.toLowerCase()));
  return after.filter((name) => !known.has(name.toLowerCase()));
}

/** One line for every way in which `after` is weaker than `before`, or differs in what only a restart can change. */
export function downgrades(before: Config, after: Config): readonly string[] {
  const lines: string[] = [];
  const passthrough = added(before.tls_interception.passthrough_domains, after.tls_interception.passthrough_domains);
  if (passthrough.length > 0) lines.push(`tls_interception.passthrough_domains added: ${passthrough.join(', ')}`);
  const trusted = added(before.trusted_domains, after.trusted_domains);
  if (trusted.length > 0) lines.push(`trusted_domains added: ${trusted.join(', ')}`);
  if (before.dlp?.scan_env !== after.dlp?.scan_env) lines.push('dlp changed');
  if (before.response_scanning !== undefined && after.response_scanning === undefined) {
    lines.push('response_scanning removed');
  }
  if (before.fetch_proxy.listen !== after.fetch_proxy.listen) lines.push('fetch_proxy.listen changed');
  return lines;
}
