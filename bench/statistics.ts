/** Figures of repeated runs. These machines are noisy: quote medians and pairwise ratios, never one absolute time. */

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { min: at(0), median: at(0.5), max: at(1) };
}

/** `12.3 (11.9 to 14.0)` with `digits` decimals. */
export function spreadText({ min, median, max }: Spread, digits = 1): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}

export interface Paired {
  readonly a: Spread;
  readonly b: Spread;
  /** a / b, pair by pair. */
  readonly ratio: Spread;
}

/** Milliseconds of `a` and `b` in turn, `runs` times each after one uncounted run. */
export async function paired(runs: number, a: () => Promise<unknown>, b: () => Promise<unknown>): Promise<Paired> {
  const time = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  await time(a);
  await time(b);
  const as: number[] = [];
  const bs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    as.push(await time(a));
    bs.push(await time(b));
  }
  return { a: spread(as), b: spread(bs), ratio: spread(as.map((value, index) => value / (bs[index] ?? 1))) };
}

export function pairedText(what: string, against: string, { a, b, ratio }: Paired): string {
  return `${what}: ${spreadText(a)} ms; ${against}: ${spreadText(b)} ms; ratio ${spreadText(ratio, 2)}`;
}
