/** Networks and volumes, as the engine sees them. */

import { z } from 'zod';
import { type Docker, dockerFailure } from './docker/index.ts';

export interface Labelled {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const labelled = z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() });

type Kind = 'network' | 'volume';

const NOT_FOUND = /no such (network|volume|object)|network .* not found/i;

/** Those of the networks or volumes `names` that exist. */
export async function inspectResources(docker: Docker, kind: Kind, names: readonly string[]): Promise<Labelled[]> {
  if (names.length === 0) return [];
  const { stdout, stderr, exitCode } = await docker.attempt([kind, 'inspect', '--format', '{{json .}}', ...names]);
  const complaints = stderr.split('\n').filter((line) => line.trim() !== '' && !NOT_FOUND.test(line));
  if (exitCode !== 0 && complaints.length > 0) throw dockerFailure(`${kind} inspect`, stderr, exitCode);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => labelled.parse(JSON.parse(line)))
    .map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));
}

/** Names of the networks or volumes that carry `label=value`. */
export async function labelledNames(docker: Docker, kind: Kind, label: string, value: string): Promise<string[]> {
  const names = await docker.run([kind, 'ls', '--filter', `label=${label}=${value}`, '--format', '{{.Name}}']);
  return names.split('\n').filter(Boolean);
}
