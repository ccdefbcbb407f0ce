/** The deployed bottles of the app that lies in a directory. */

import { existsSync, realpathSync } from 'node:fs';
import { projectName, UNNAMED } from '../../constructs/project-name.ts';
import type { DeployedBottle } from '../operate/list/index.ts';

const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path);

/** Those of `app`; of one without a name of its own, which others share, those that were deployed from `directory`. */
export function bottlesOfApp(
  bottles: readonly DeployedBottle[],
  directory: string,
  app: string = projectName(directory),
): readonly DeployedBottle[] {
  const isOwn = ({ record }: DeployedBottle): boolean =>
    app !== UNNAMED || (record !== undefined && real(record.projectDir) === real(directory));
  return bottles.filter((bottle) => bottle.app === app && isOwn(bottle));
}
