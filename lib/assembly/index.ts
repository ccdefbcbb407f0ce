export { findingBody, findingText } from './finding-text.ts';
export { type BottleManifest, type DeployRequirements, MANIFEST_FILE, type Manifest } from './manifest.ts';
export { selectBottles } from './select.ts';
export { SynthError } from './synth-error.ts';
export {
  type Assembly,
  readManifest,
  SYNTH_ENV,
  type SynthesizeInput,
  synthesize,
} from './synthesize.ts';
