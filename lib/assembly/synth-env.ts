/** Names of the environment variables by which the CLI talks to a definition's process. */
export const SYNTH_ENV = {
  outdir: 'CLAUDE_BOTTLE_OUTDIR',
  context: 'CLAUDE_BOTTLE_CONTEXT',
  /** A file that receives what was found as JSON. */
  findings: 'CLAUDE_BOTTLE_FINDINGS',
  /** `1`: a warning counts as an error, unless it is acknowledged. */
  strict: 'CLAUDE_BOTTLE_STRICT',
} as const;
