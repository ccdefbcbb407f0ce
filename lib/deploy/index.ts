export { readDeployed } from '../operate/state/deployed.ts';
export { stateDirectory } from '../operate/state/directory.ts';
export { type AnswerSource, type Ask, answerProblem } from './answers/index.ts';
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
