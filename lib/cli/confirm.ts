import { createInterface } from 'node:readline/promises';
import { printable } from './printable.ts';

/** Asks on stderr and reads a line; absent where no person is there to answer. */
export function terminalConfirm(): ((question: string) => Promise<boolean>) | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await terminal.question(`${printable(question)} [y/N] `)).trim());
    } finally {
      terminal.close();
    }
  };
}
