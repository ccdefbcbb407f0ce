/** `bottle list`: the bottles of the app, and what runs of them. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectName } from '../../constructs/project-name.ts';
import type { Manifest } from '../assembly/index.ts';
import { BottleError } from '../errors.ts';
import { createDocker } from '../operate/docker/index.ts';
import { deployedBottles, type ListedBottle, listedBottles } from '../operate/list/index.ts';
import { homeDirectory } from '../operate/state/directory.ts';
import { ago } from './ago.ts';
import { bottlesOfApp } from './app-bottles.ts';
import { columns } from './columns.ts';
import type { Messages } from './messages.ts';
import { type ProjectOptions, readProject } from './project.ts';
import { piece, type Style } from './styled.ts';

export interface ListOptions extends ProjectOptions {
  /** Bottles of other apps, too. */
  readonly all?: boolean;
  /** Runs no definition. */
  readonly deployed?: boolean;
}

/** The app's definition as it is now, synthesized beside the project: a list changes no file of it. */
async function definition(directory: string, messages: Messages, options: ListOptions): Promise<Manifest> {
  const { withScratchAssembly } = await import('./scratch-assembly.ts');
  try {
    return await withScratchAssembly(readProject(directory, options), messages, ({ manifest }) => manifest);
  } catch (error) {
    messages.info('bottle list --deployed shows what is deployed without the definition');
    throw error;
  }
}

const STYLE: Readonly<Record<ListedBottle['state'], Style>> = {
  healthy: 'green',
  running: 'yellow',
  unhealthy: 'red',
  partial: 'red',
  stopped: 'red',
  'not deployed': 'dim',
};

function notes(
  { slug, defined, changed, changedInputs, incomplete, app }: ListedBottle,
  own: string | undefined,
): string {
  const counted = changed?.length ?? 0;
  const files = counted === 0 ? [] : [counted === 1 ? '1 file' : `${counted} files`];
  const what = [...files, ...(changedInputs ?? [])].join(', ');
  return [
    ...(defined === false ? [`no longer defined; bottle destroy ${slug} takes it down`] : []),
    ...(incomplete ? ['its last deploy did not end'] : []),
    ...(what === '' ? [] : [`changed since it was deployed (${what})`]),
    ...(app === own ? [] : [`app ${app}`]),
  ].join('; ');
}

function table(bottles: readonly ListedBottle[], own: string | undefined) {
  const heading = ['BOTTLE', 'STATE', 'SINCE', 'SHAPE', 'SCANNER', ''];
  return columns(
    heading,
    bottles.map((bottle) => [
      bottle.slug,
      piece(STYLE[bottle.state], bottle.state),
      ago(bottle.since),
      bottle.shape ?? '',
      bottle.scanner ?? '',
      piece('yellow', notes(bottle, own)),
    ]),
  );
}

export async function list(
  directory: string,
  wanted: readonly string[],
  messages: Messages,
  options: ListOptions,
): Promise<void> {
  const { env } = process;
  const hasProject = options.app !== undefined || existsSync(join(directory, 'cdk.json'));
  const [manifest, found] = await Promise.all([
    hasProject && options.deployed !== true ? definition(directory, messages, options) : undefined,
    deployedBottles(createDocker({ env }), homeDirectory(env)),
  ]);
  const app = manifest?.app ?? (hasProject ? projectName(directory) : undefined);
  const shown = options.all === true || app === undefined ? found : bottlesOfApp(found, directory, app);
  const { skillDigest } = await import('../deploy/preflight/skills.ts');
  const entries = listedBottles(shown, manifest, (source) => skillDigest(source, { projectDir: directory, env }));
  const unknown = wanted.filter((slug) => !entries.some((entry) => entry.slug === slug));
  if (unknown.length > 0) {
    throw new BottleError('usage/unknown-bottle', `no such bottle: ${unknown.join(', ')}`, {
      fix: `known are: ${entries.map(({ slug }) => slug).join(', ') || 'none'}; --all shows those of other apps, too`,
      exitCode: 2,
    });
  }
  const bottles = wanted.length === 0 ? entries : entries.filter(({ slug }) => wanted.includes(slug));
  messages.result({ bottles }, bottles.length === 0 ? 'no bottle is deployed on this home' : table(bottles, app));
}
