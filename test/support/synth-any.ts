/** A process that synthesizes generated apps: `synth-any.ts SEED APPS OUTDIR…`, all of them into each directory in turn. */

import { join } from 'node:path';
import fc from 'fast-check';
import { judgeInput } from '../../constructs/app.ts';
import { treeOf } from '../../constructs/tree.ts';
import { synthesize } from '../../lib/assembly/index.ts';
import { anyApp, anyContext, appFrom } from './any-app.ts';

const [seed, numRuns, ...outdirs] = process.argv.slice(2);

const apps = fc.sample(fc.tuple(anyApp, anyContext), { seed: Number(seed), numRuns: Number(numRuns) });
for (const outdir of outdirs) {
  for (const [index, [recipes, context]] of apps.entries()) {
    const app = appFrom(recipes, context);
    synthesize({ ...judgeInput(app), tree: treeOf(app), outdir: join(outdir, String(index)) });
  }
}
