export { findingsText } from './finding-text.ts';
export { type Judged, type JudgeInput, judge } from './judge.ts';
export type {
  BottleManifest,
  DeployRequirements,
  Manifest,
} from './manifest.ts';
export { selectBottles } from './select.ts';
export { SYNTH_ENV } from './synth-env.ts';
export { SynthError } from './synth-error.ts';
export { type Assembly, type SynthesizeInput, synthesize } from './synthesize.ts';
export { readTree, type Tree, type TreeEntry } from './tree.ts';
export {
  type Found,
  isAccepted,
  type ReportSummary,
  type ValidationReport,
  validationReport,
} from './validation-report.ts';
