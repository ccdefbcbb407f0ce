/** Deploy: from an assembly to bottles that run. */

import { selectBottles } from '../assembly/select.ts';
import { settle } from '../operate/apply/index.ts';
import { createDocker, redactor } from '../operate/index.ts';
import { homeDirectory, stateDirectory } from '../operate/state/directory.ts';
import { withLock } from '../operate/state/lock.ts';
import { answerRedactor, askPending } from './answers/index.ts';
import { type AssembledBottle, loadBottle, loadManifest } from './assembly.ts';
import { bottleImages } from './bottle-images.ts';
import { bringUp } from './bring-up.ts';
import { dryRun } from './dry-run.ts';
import type { DeployedBottle, DeployOptions, DeployResult } from './options.ts';
import { preflight } from './preflight/index.ts';
import { assertGrantsAsSeen, withLiveGrants } from './state/live-grants.ts';
import { forgetApproved } from './with-capabilities.ts';

/**
 * Brings the bottles of an assembly up, one after the other. Everything that can be known to stand in the way is
 * reported first, of all bottles at once, as one `BottleError`; nothing is touched then. A bottle that does not become
 * healthy rejects with what failed and the last lines of its log, after the bottle that ran before was brought back,
 * or, where there was none, after everything was removed (not with `keepFailed`).
 */
export async function deploy(options: DeployOptions): Promise<DeployResult> {
  const { assemblyDir, slugs, projectDir, env } = options;
  const home = options.home ?? homeDirectory(env);
  const manifest = loadManifest(assemblyDir);
  const load = (slug: string): AssembledBottle => loadBottle(assemblyDir, manifest, slug);
  const reset = options.reset ?? false;
  const bottles = selectBottles(manifest, slugs).map((slug) =>
    withLiveGrants(load(slug), stateDirectory(home, slug), { reset }),
  );
  const app = Object.keys(manifest.bottles).map(load);
  const secrets = bottles.flatMap(({ manifest: { requires } }) => requires.tokens.map(({ from }) => from));
  const redactTokens = redactor(env, secrets);
  const engine = createDocker({ env, redact: redactTokens });
  const { ask, signal } = options;
  const checked = await preflight(bottles, {
    ...{ home, projectDir, assemblyDir, env, docker: engine, app },
    answers: {
      ...{ env, ask, sources: options.answers ?? [] },
      ...{ again: options.askAgain ?? false, dryRun: options.dryRun ?? false },
    },
  });
  for (const warning of checked.flatMap(({ warnings }) => warnings)) options.progress.warn(warning);
  if (options.dryRun === true) {
    const planned: DeployedBottle[] = [];
    for (const one of checked) planned.push(await dryRun(engine, one, projectDir));
    return { bottles: planned };
  }
  const ready = await askPending(checked, ask, signal);
  const redact = ready.map(answerRedactor).reduce((outer, inner) => (text) => inner(outer(text)), redactTokens);
  const docker = createDocker({ env, redact });
  const done: DeployedBottle[] = [];
  for (const one of ready) {
    const bottle = await withLock(home, one.bottle.slug, async () => {
      const settled = await settle(one.stateDir);
      if (settled !== undefined) options.progress.warn(settled);
      assertGrantsAsSeen(one.bottle, one.stateDir);
      const images = await bottleImages(one, options);
      const brought = await bringUp({ ready: one, images, options, docker, redact });
      if (reset) forgetApproved(one.stateDir, options.progress);
      return brought;
    });
    done.push(bottle);
  }
  return { bottles: done };
}
