/**
 * The one way to write a test here: uvu, with the failures that it swallows made loud (docs/decisions/0002).
 *
 * A test file calls {@link suite}, adds tests and ends with `.run()`. What ran is kept in a ledger, which
 * `test/run.ts` reads: a test that was registered and did not run, for whatever reason, is a failure.
 */

import { writeFileSync } from 'node:fs';
import { suite as uvuSuite } from 'uvu';

type Body = () => void | Promise<void>;

export interface SuiteOptions {
  /** Milliseconds after which a test or hook fails; 10,000 unless given. */
  readonly timeoutMs?: number;
}

export interface Ledger {
  readonly registered: string[];
  readonly passed: string[];
  readonly failed: { readonly name: string; readonly message: string }[];
  readonly skipped: { readonly name: string; readonly reason: string }[];
}

export interface Suite {
  (name: string, body: Body, options?: SuiteOptions): void;
  before(body: Body): void;
  after(body: Body): void;
  beforeEach(body: Body): void;
  afterEach(body: Body): void;
  /** Counts as skipped and prints `reason`; it must say what is missing on this machine. */
  skip(name: string, reason: string): void;
  /** Without it nothing of the suite runs, and every test of it fails as "did not run". */
  run(): void;
}

const ledger: Ledger = { registered: [], passed: [], failed: [], skipped: [] };

process.on('exit', () => {
  const file = process.env['CLAUDE_BOTTLE_TEST_LEDGER'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(ledger));
  if (ledger.failed.length > 0 || ledger.registered.length > ledger.passed.length) process.exitCode ||= 1;
});

/** `reason` as an Error, also where it is undefined or a plain value. */
function asError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error(`threw ${JSON.stringify(reason) ?? String(reason)}, not an Error`);
}

async function within(timeoutMs: number, body: Body): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still running after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([(async () => body())(), timeout]);
  } catch (reason) {
    throw asError(reason);
  } finally {
    clearTimeout(timer);
  }
}

/** A suite called `title`; `options` are the defaults of its tests and hooks. */
export function suite(title: string, options: SuiteOptions = {}): Suite {
  const inner = uvuSuite(title);
  const limit = options.timeoutMs ?? 10_000;

  const recorded = (name: string, body: Body, rethrow: boolean) => async () => {
    try {
      await within(limit, body);
    } catch (reason) {
      const error = asError(reason);
      ledger.failed.push({ name: `${title} › ${name}`, message: error.stack ?? error.message });
      if (rethrow) throw error;
    }
  };

  const add = (name: string, body: Body, own: SuiteOptions = {}): void => {
    const full = `${title} › ${name}`;
    ledger.registered.push(full);
    inner(name, async () => {
      try {
        await within(own.timeoutMs ?? limit, body);
        ledger.passed.push(full);
      } catch (reason) {
        const error = asError(reason);
        const message = error.stack ?? error.message;
        ledger.failed.push({ name: full, message });
        // uvu formats what an error carries, and fails itself on fields that are not as an assertion's are.
        throw new Error(message);
      }
    });
  };

  return Object.assign(add, {
    before: (body: Body) => inner.before(recorded('before', body, true)),
    after: (body: Body) => inner.after(recorded('after', body, false)),
    beforeEach: (body: Body) => inner.before.each(recorded('before each', body, true)),
    afterEach: (body: Body) => inner.after.each(recorded('after each', body, false)),
    skip: (name: string, reason: string) => {
      if (reason.trim() === '') throw new Error(`a skipped test needs a reason: ${title} › ${name}`);
      ledger.skipped.push({ name: `${title} › ${name}`, reason });
    },
    run: () => inner.run(),
  });
}
