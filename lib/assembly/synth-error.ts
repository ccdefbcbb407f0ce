import { BottleError } from '../errors.ts';
import type { Finding } from '../plan/index.ts';
import { findingsText, refusalText } from './finding-text.ts';
import { type Found, type ValidationReport, validationReport } from './validation-report.ts';

/** Thrown by synth when a finding is an error, or with --strict a warning; nothing has been written then. */
export class SynthError extends BottleError {
  /** Everything that was found, warnings included, in the order of the rules. */
  readonly findings: readonly Finding[];
  readonly report: ValidationReport;
  /** How many findings there are, in one line. */
  readonly summary: string;

  constructor(found: Found) {
    const report = validationReport(found);
    const summary = refusalText(report.summary);
    super('synth/invalid', `${findingsText(found.findings)}\n\n${summary}`);
    this.findings = found.findings;
    this.report = report;
    this.summary = summary;
    // The findings name the places; a stack through synth would only bury them.
    this.stack = `${this.name}: ${this.message}`;
  }
}
