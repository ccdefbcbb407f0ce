/** Several logs as one, in the order of time. */

interface Timed {
  readonly time: string;
}

/** Lines of one log that were read and not yet passed on. */
interface Source<T> {
  readonly iterator: AsyncIterator<readonly T[]>;
  batch: readonly T[];
  at: number;
  /** When the batch came, in ms. */
  came: number;
  reading: boolean;
  ended: boolean;
  failure: { readonly error: unknown } | undefined;
}

const MOST_AT_ONCE = 1_000;

function read<T>(source: Source<T>, done: () => void): void {
  if (source.ended || source.reading || source.at < source.batch.length) return;
  source.reading = true;
  const next = source.iterator.next().then(
    (result) => {
      source.ended = result.done === true;
      source.batch = result.done === true ? [] : result.value;
      source.at = 0;
      source.came = Date.now();
    },
    (error: unknown) => {
      source.ended = true;
      source.failure = { error };
    },
  );
  void next.then(() => {
    source.reading = false;
    done();
  });
}

/** Lines of `ready`, earliest first, until one of them has none left. */
function earliest<T extends Timed>(ready: readonly Source<T>[]): readonly T[] {
  const lines: T[] = [];
  while (lines.length < MOST_AT_ONCE) {
    let first: Source<T> | undefined;
    for (const source of ready) {
      const line = source.batch[source.at];
      if (line === undefined) return lines;
      const best = first?.batch[first.at];
      if (best === undefined || line.time < best.time) first = source;
    }
    const line = first?.batch[first.at];
    if (first === undefined || line === undefined) return lines;
    lines.push(line);
    first.at += 1;
  }
  return lines;
}

/**
 * Merges `logs`, each of which is in the order of time, batch by batch; no more than a batch of each is held. A line
 * waits for the other logs at most `patienceMs`: for ever, unless they are being followed.
 */
export async function* merged<T extends Timed>(
  logs: readonly AsyncIterable<readonly T[]>[],
  patienceMs = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly T[]> {
  const sources = logs.map((log): Source<T> => {
    const iterator = log[Symbol.asyncIterator]();
    return { iterator, batch: [], at: 0, came: 0, reading: false, ended: false, failure: undefined };
  });
  // Not a race of promises: a log that is silent for days would collect a reaction for every line of the others.
  let wake = (): void => {};
  const something = (withinMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = Number.isFinite(withinMs) ? setTimeout(resolve, withinMs) : undefined;
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  try {
    for (;;) {
      for (const source of sources) read(source, () => wake());
      const failed = sources.find(({ failure }) => failure !== undefined)?.failure;
      if (failed !== undefined) throw failed.error;
      const heads = sources.filter(({ batch, at }) => at < batch.length);
      const isReading = sources.some(({ reading }) => reading);
      if (heads.length === 0 && !isReading) return;
      const waited = Date.now() - patienceMs;
      const due = isReading ? heads.filter(({ came }) => came <= waited) : heads;
      if (due.length > 0) yield earliest(due);
      else await something(Math.min(...heads.map(({ came }) => came)) - waited);
    }
  } finally {
    for (const { iterator } of sources) void iterator.return?.()?.catch(() => {});
  }
}
