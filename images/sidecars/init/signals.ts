/**
 * The init's signal listeners. Importing this file installs them, SIGUSR1 first: until something listens for it, Node
 * answers SIGUSR1 by opening its inspector on 127.0.0.1:9229. So it imports nothing and an entry imports it first.
 */

/** What an operator asks for by a signal; `lost-signals`: there were so many that some may not have come through. */
export type Request = 'restart-pipelock' | 'reload' | 'shutdown' | 'lost-signals';

/** libuv's pipe holds 64 KiB of 16-byte messages; the handler drops what does not fit. */
const MOST_AT_ONCE = 4_096;

/** The requests that have come in. Handlers only record; equal requests that wait are one. */
export interface RequestQueue {
  /** Calls `wake` (at most once a turn) when something waits, also if it came before this call. */
  onRequest(wake: () => void): void;
  /** Everything that waits, taken out of the queue. */
  take(): ReadonlySet<Request>;
}

export const requests: RequestQueue = recordSignals();

function recordSignals(): RequestQueue {
  const waiting = new Set<Request>();
  let scheduled = false;
  let thisTurn = 0;
  let wake: (() => void) | undefined;
  const schedule = (): void => {
    if (scheduled || wake === undefined || waiting.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      thisTurn = 0;
      wake?.();
    });
  };
  const record = (request: Request) => (): void => {
    waiting.add(request);
    thisTurn += 1;
    if (thisTurn >= MOST_AT_ONCE) waiting.add('lost-signals');
    schedule();
  };
  process.on('SIGUSR1', record('restart-pipelock'));
  process.on('SIGHUP', record('reload'));
  process.on('SIGTERM', record('shutdown'));
  process.on('SIGINT', record('shutdown'));
  return {
    onRequest: (listener) => {
      wake = listener;
      schedule();
    },
    take: () => {
      const taken = new Set(waiting);
      waiting.clear();
      return taken;
    },
  };
}
