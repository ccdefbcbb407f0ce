import { LOCAL_BASES, type LocalBaseName } from '../../../images/bases/pins.ts';
import { architectureNamed, localBaseTag } from './base-recipe.ts';
import { type Environment, engineArchitecture, imageFacts } from './docker.ts';
import { puller } from './registry.ts';
import { baseReference } from './resolve-base.ts';

/** The stand-ins that have to be built: the engine does not hold them, and no registry gives the images themselves. */
export async function missingBases(env: Environment): Promise<readonly LocalBaseName[]> {
  const architecture = architectureNamed(await engineArchitecture(env));
  const pull = puller(env);
  const missing = new Set<LocalBaseName>();
  for (const name of LOCAL_BASES) {
    if ((await imageFacts(localBaseTag(name, architecture), env)) !== undefined) continue;
    if ((await pull(baseReference(name, env))).outcome !== 'pulled') missing.add(name);
  }
  // These are made from the local stand-in of Debian, also where a registry gives Debian itself.
  const builtOnDebian = missing.has('gitleaks') || missing.has('mitmproxy');
  if (builtOnDebian && (await imageFacts(localBaseTag('debian', architecture), env)) === undefined)
    missing.add('debian');
  return LOCAL_BASES.filter((name) => missing.has(name));
}
