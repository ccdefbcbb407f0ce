/** When a daemon that died on its own is started again, and when its deaths are a crash loop. */

export interface RestartRules {
  /** Milliseconds before the first restart; each further one waits twice as long. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** A daemon that has been up this long begins anew: with the first delay, and out of its crash loop. */
  readonly steadyMs: number;
  /** So many crashes ... */
  readonly loopCrashes: number;
  /** ... within so many milliseconds are a crash loop. */
  readonly loopWindowMs: number;
}

export const RESTART_RULES: RestartRules = {
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  steadyMs: 60_000,
  loopCrashes: 5,
  loopWindowMs: 60_000,
};

/** Largest part of a delay that chance takes off, so that daemons that died together do not return together. */
const JITTER = 0.2;

/** What follows from a crash. */
export interface CrashVerdict {
  /** Milliseconds until the next start. */
  readonly delayMs: number;
  /** True if this crash made it a crash loop. */
  readonly loopBegins: boolean;
}

/** The crashes of one daemon. Instants are milliseconds of a clock that only goes forward. */
export class CrashHistory {
  readonly #rules: RestartRules;
  readonly #random: () => number;
  #recent: number[] = [];
  #inARow = 0;
  #looping = false;

  constructor(rules: RestartRules, random: () => number = Math.random) {
    this.#rules = rules;
    this.#random = random;
  }

  get looping(): boolean {
    return this.#looping;
  }

  /** A process that lived `livedMs` (0: it never came to be) has died at `at`. */
  crashed(livedMs: number, at: number): CrashVerdict {
    const { firstDelayMs, longestDelayMs, steadyMs, loopCrashes, loopWindowMs } = this.#rules;
    if (livedMs >= steadyMs) this.#inARow = 0;
    const nominal = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(this.#inARow, 30));
    this.#inARow += 1;
    this.#recent = [...this.#recent.filter((crash) => at - crash < loopWindowMs), at].slice(-loopCrashes);
    const loopBegins = !this.#looping && this.#recent.length >= loopCrashes;
    if (loopBegins) this.#looping = true;
    return { delayMs: Math.round(nominal * (1 - JITTER * this.#random())), loopBegins };
  }

  /** A process has been up for `upMs`: true if that ended a crash loop. */
  recovered(upMs: number): boolean {
    if (!this.#looping || upMs < this.#rules.steadyMs) return false;
    this.#looping = false;
    this.#recent = [];
    this.#inARow = 0;
    return true;
  }
}

export const RESTART_VARIABLE = 'CLAUDE_BOTTLE_INIT_RESTART';

/**
 * What `CLAUDE_BOTTLE_INIT_RESTART` says: `always` (also unset or empty), or `never`, for a container that its own
 * supervisor restarts, such as the kubelet. Undefined for any other word.
 */
export function restartChoice(word: string | undefined): RestartRules | 'never' | undefined {
  if (word === undefined || word === '' || word === 'always') return RESTART_RULES;
  return word === 'never' ? 'never' : undefined;
}
