/** Requests per minute and host, over a sliding minute estimated from two fixed ones: constant memory a host. */

interface Window {
  start: number;
  count: number;
  previous: number;
}

const MINUTE = 60_000;
/** Hosts remembered; with wildcards the agent chooses names, and each costs memory. */
const MAX_HOSTS = 4096;

export class RateLimit {
  readonly #windows = new Map<string, Window>();

  /** Counts one request to `host`; false if it is one too many for `limit` a minute. */
  admit(host: string, limit: number, now: number): boolean {
    const window = this.#window(host, now);
    const weight = 1 - (now - window.start) / MINUTE;
    if (window.previous * weight + window.count + 1 > limit) return false;
    window.count += 1;
    return true;
  }

  get size(): number {
    return this.#windows.size;
  }

  #window(host: string, now: number): Window {
    const known = this.#windows.get(host);
    if (known === undefined) {
      if (this.#windows.size >= MAX_HOSTS) this.#windows.delete(this.#windows.keys().next().value ?? '');
      const fresh = { start: now, count: 0, previous: 0 };
      this.#windows.set(host, fresh);
      return fresh;
    }
    const elapsed = now - known.start;
    if (elapsed >= MINUTE) {
      known.previous = elapsed < 2 * MINUTE ? known.count : 0;
      known.count = 0;
      known.start = now - (elapsed % MINUTE);
    }
    return known;
  }
}
