import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProjectView, projectView } from '../lib/plan/index.ts';

/** The project in the working directory, where the CLI starts a definition. */
export function workingProject(): ProjectView {
  const directory = process.cwd();
  const file = join(directory, 'cdk.json');
  return projectView(directory, process.env['HOME'], existsSync(file) ? readFileSync(file, 'utf8') : undefined);
}
