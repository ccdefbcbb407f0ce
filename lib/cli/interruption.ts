/** Ctrl-C and SIGTERM as an abort signal: work under way cleans up after itself, then the CLI exits 130 or 143. */

const EXIT_CODE = { SIGINT: 130, SIGTERM: 143 } as const;

/** Thrown instead of what the interrupted work threw. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(name: keyof typeof EXIT_CODE, cause: unknown) {
    super(`interrupted by ${name}`, { cause });
    this.exitCode = EXIT_CODE[name];
  }
}

export async function interruption<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let received: keyof typeof EXIT_CODE | undefined;
  const stop = (name: NodeJS.Signals): void => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    received ??= name;
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } catch (cause) {
    if (received === undefined) throw cause;
    throw new Interrupted(received, cause);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
