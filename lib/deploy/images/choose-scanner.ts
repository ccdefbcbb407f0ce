/** Which program stands in pipelock's slot: an order of precedence that never changes its answer by itself. */

import { BottleError } from '../../errors.ts';
import type { Environment } from './docker.ts';
import { type Lock, SCANNERS, type Scanner } from './lock.ts';

export interface ScannerChoice {
  readonly scanner: Scanner;
  readonly source: 'definition' | 'context' | 'environment' | 'lock' | 'first build';
}

export interface ScannerWishes {
  /** `pipelock: { engine }` of the definition. */
  readonly definition: Scanner | null;
  /** `-c scanner=…`. */
  readonly context?: string;
  readonly env: Environment;
  readonly lock: Lock;
}

export const SCANNER_VARIABLE = 'CLAUDE_BOTTLE_SCANNER';

function scannerNamed(text: string, where: string): Scanner {
  const scanner = SCANNERS.find((name) => name === text.trim());
  if (scanner !== undefined) return scanner;
  throw new BottleError('images/scanner-unknown', `${where} is ${JSON.stringify(text)}, not a scanner`, {
    fix: `use one of: ${SCANNERS.join(', ')}`,
    exitCode: 2,
  });
}

/** The scanner that somebody asked for, or undefined where nobody did yet. */
export function askedScanner({ definition, context, env, lock }: ScannerWishes): ScannerChoice | undefined {
  if (definition !== null) return { scanner: definition, source: 'definition' };
  if (context !== undefined) return { scanner: scannerNamed(context, 'context value scanner'), source: 'context' };
  const variable = env[SCANNER_VARIABLE];
  if (variable !== undefined && variable !== '') {
    return { scanner: scannerNamed(variable, SCANNER_VARIABLE), source: 'environment' };
  }
  return lock.scanner === undefined ? undefined : { scanner: lock.scanner, source: 'lock' };
}
