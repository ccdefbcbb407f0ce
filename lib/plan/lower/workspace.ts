/** The agent's workspace. */

import type { WorkspacePlan } from '../workspace.ts';
import { fieldsOf, flag, neededText, optionalValue } from './shape.ts';
import type { Site } from './site.ts';

export function lowerWorkspace(outer: Site, value: unknown): WorkspacePlan | undefined {
  const workspace = optionalValue(outer, '`workspace`', value, 'Workspace', "Workspace.clone('app')");
  if (workspace === undefined) return undefined;
  const site = outer.at(workspace.locate);
  const { form, given } = workspace;
  if (form === 'clone') {
    const remote = neededText(site, 'the remote of Workspace.clone', given['remote']);
    return remote === undefined ? undefined : site.declared({ kind: 'clone', remote });
  }
  const hostPath = neededText(site, `the directory of Workspace.${form}`, given['hostPath']);
  if (form === 'copy') return hostPath === undefined ? undefined : site.declared({ kind: 'copy', hostPath });
  const options = fieldsOf(site, 'the options of Workspace.bind', given['options'], { allowed: ['readOnly'] });
  const readOnly = flag(site, '`readOnly` of Workspace.bind', options['readOnly']) ?? false;
  return hostPath === undefined ? undefined : site.declared({ kind: 'bind', hostPath, readOnly });
}
