/** Which hosts a live change may open: what a definition may name and a proposal may ask for, no more than either. */

import { hostProblem as proposalProblem } from '../../../images/sidecars/supervise/host.ts';
import { hostProblem as definitionProblem } from '../../rules/hosts.ts';

/**
 * What is wrong with `host` as one that a live change opens, in words that follow its name, or undefined. Addresses of
 * any spelling are out: a definition has the room to say what such an upstream is.
 */
export function grantProblem(host: string): string | undefined {
  if (host !== host.toLowerCase()) return `is not in lower case; allowed: '${host.toLowerCase()}'`;
  return definitionProblem(host) ?? proposalProblem(host);
}
