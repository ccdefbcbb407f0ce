export { deploy } from './deploy.ts';
export { destroy } from './destroy.ts';
export type {
  DeployedBottle,
  DeployOptions,
  DeployResult,
  DestroyedBottle,
  DestroyOptions,
  DestroyResult,
  Environment,
  Scanner,
} from './options.ts';
export { type Progress, silent } from './progress.ts';
export { DEPLOYED_FILE, type Deployed, readDeployed } from './state/deployed.ts';
export { homeDirectory, stateDirectory, statesDirectory } from './state/directory.ts';
