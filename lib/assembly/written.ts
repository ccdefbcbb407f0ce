/** What a synth left, for who reads it; nothing that makes it, which takes most of the time that it takes to load. */

export { countsText } from './finding-text.ts';
export { type Manifest, readManifest } from './manifest.ts';
export { selectBottles } from './select.ts';
export { SYNTH_ENV } from './synth-env.ts';
export { SynthError } from './synth-error.ts';
export type { Assembly } from './synthesize.ts';
export { type Found, isAccepted, REPORT_FILE, validationReport } from './validation-report.ts';
