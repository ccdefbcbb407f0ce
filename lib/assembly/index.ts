export { findingText } from './finding-text.ts';
export type { BottleManifest, DeployRequirements, Manifest } from './manifest.ts';
export { SynthError } from './synth-error.ts';
export {
  type Assembly,
  MANIFEST_FILE,
  REPORT_FILE,
  readManifest,
  SYNTH_ENV,
  type SynthesizeInput,
  synthesize,
} from './synthesize.ts';
