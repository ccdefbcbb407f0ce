/** The files of a bottle besides its agent's, relative to `<outdir>/<slug>/` and to its state directory. */
export const BOTTLE_FILE = {
  compose: 'compose.yaml',
  routes: 'egress/routes.yaml',
  pipelock: 'pipelock/pipelock.yaml',
  gitGate: 'git-gate/git-gate.json',
  knownHosts: 'git-gate/known_hosts',
  supervise: 'supervise/supervise.json',
} as const;
