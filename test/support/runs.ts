/** How long a property is searched for a counterexample. */

const asked = Number(process.env['FC_RUNS'] ?? 0);

/**
 * Options for `fc.assert`: `usual` runs, or as many as the environment variable `FC_RUNS` says. A counterexample is
 * shown as it was found, with its seed: each run is a synth, and to make it smaller would take minutes.
 */
export const runs = (usual: number) => ({
  numRuns: asked > 0 ? asked : usual,
  endOnFailure: true,
  includeErrorInReport: true,
});
