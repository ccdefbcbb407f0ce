/** The host patterns of `api_allowlist`, `trusted_domains` and `passthrough_domains`. */

import { isIP } from 'node:net';
import { canonicalHost } from './host.ts';

/** Whether `text` is an exact host or `*.suffix` in a form that can match anything. */
export function isDomainPattern(text: string): boolean {
  const name = text.startsWith('*.') ? text.slice(2) : text;
  const host = canonicalHost(name);
  return host !== undefined && !(text.startsWith('*.') && isIP(host) !== 0);
}

/** A list of patterns, ready to match canonical hosts. `*.example.com` covers `example.com` too, as in pipelock. */
export class DomainList {
  readonly #exact = new Set<string>();
  readonly #suffixes: string[] = [];

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      const host = canonicalHost(pattern.startsWith('*.') ? pattern.slice(2) : pattern);
      if (host === undefined) continue;
      if (pattern.startsWith('*.')) this.#suffixes.push(host);
      else this.#exact.add(host);
    }
  }

  has(host: string): boolean {
    return this.#exact.has(host) || this.#suffixOf(host) !== undefined;
  }

  /**
   * The labels of `host` that the list does not spell itself: those before the longest matching suffix. Empty for an
   * exact entry: a name that the operator wrote down carries nothing out.
   */
  freeLabels(host: string): readonly string[] {
    if (this.#exact.has(host)) return [];
    const suffix = this.#suffixOf(host);
    if (suffix === undefined || suffix === host) return [];
    return host.slice(0, -suffix.length - 1).split('.');
  }

  #suffixOf(host: string): string | undefined {
    if (isIP(host) !== 0) return undefined;
    let longest: string | undefined;
    for (const suffix of this.#suffixes) {
      const matches = host === suffix || host.endsWith(`.${suffix}`);
      if (matches && suffix.length > (longest?.length ?? -1)) longest = suffix;
    }
    return longest;
  }
}
