export { cleanPush, cloneThroughGate, secretPush } from './git.ts';
export { superviseTools } from './mcp.ts';
export { portsFromHost, portsFromNeighbour } from './ports.ts';
export { curl, type Outcome, type Probe, reasonOf, type Stage, statusOf, type Verdict } from './probe.ts';
export {
  broadcastOutOfReach,
  daemonsForTheAgent,
  hostOutOfReach,
  innerHopOutOfReach,
  resolverOutOfReach,
} from './reach.ts';
export { connectScript, openIn, scanScript } from './scan.ts';
export { plantedSecrets, secretAsSubdomain } from './secrets.ts';
export { smuggledRequest } from './smuggle.ts';
export { spoofs } from './spoof.ts';
export { allowedSite, PLANTED_SECRET, pathOutsideRoute, secretInBody, unlistedSite } from './web.ts';
