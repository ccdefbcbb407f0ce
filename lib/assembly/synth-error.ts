import { BottleError } from '../errors.ts';
import type { Finding } from '../plan/index.ts';
import { findingText } from './finding-text.ts';

/** Thrown by synth when a finding is an error; nothing has been written then. */
export class SynthError extends BottleError {
  /** Everything that was found, warnings included. */
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
    super('synth/invalid', `${count}, nothing was written\n\n${findings.map(findingText).join('\n\n')}`);
    this.findings = findings;
    // The findings name the places; a stack through synth would only bury them.
    this.stack = `${this.name}: ${this.message}`;
  }
}
