/** The answers that a bottle which runs was given: they are read from its containers, and from nowhere else. */

import { type BottleOwner, type Docker, inspectContainers, isContainerOf } from '../../operate/index.ts';
import type { Deployed } from '../../operate/state/deployed.ts';
import { agentContainerName, type EnvOwner, sidecarContainer } from '../../plan/index.ts';
import { type AnswerNeed, type Answers, slotOf } from './model.ts';

/** A container that has all variables of `owner`. */
function containerOf(owner: EnvOwner, { slug, daemons, shape }: Deployed): string | undefined {
  if (owner === 'agent') return agentContainerName(slug);
  const [daemon] = daemons;
  return daemon === undefined ? undefined : sidecarContainer(slug, daemon, shape);
}

/** A Go template that prints the variables `names` as JSON texts, one a line, and no other: the rest is not ours to see. */
const template = (names: readonly string[]): string =>
  `{{range .Config.Env}}{{if eq (index (split . "=") 0) ${names.map((name) => `"${name}"`).join(' ')}}}{{json .}}{{println}}{{end}}{{end}}`;

async function variables(
  docker: Docker,
  container: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const text = await docker.run(['container', 'inspect', '--format', template(names), container]);
  const entries = text.split('\n').flatMap((line) => (line.startsWith('"') ? [String(JSON.parse(line))] : []));
  return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
}

const OWNERS = ['agent', 'sidecars'] as const;

/** What the containers of `record` have under the names that it asked for. */
export async function askedVariables(
  docker: Docker,
  owner: BottleOwner,
  record: Deployed | undefined,
): Promise<Answers> {
  const asked: readonly AnswerNeed[] = record?.answers ?? [];
  if (record === undefined) return {};
  const held: Record<string, string> = {};
  for (const whose of OWNERS) {
    const names = asked.filter((need) => need.owner === whose).map(({ name }) => name);
    const name = containerOf(whose, record);
    if (names.length === 0 || name === undefined) continue;
    const [container] = (await inspectContainers(docker, [name])).filter((one) => isContainerOf(one, owner));
    if (container === undefined) continue;
    for (const [variable, value] of await variables(docker, container.id, names)) {
      held[slotOf({ owner: whose, name: variable })] = value;
    }
  }
  return held;
}

/**
 * The answers that the bottle of `record` runs with. None of a deploy that did not end: its containers may be older
 * than its record, and what they have under the same name may be no answer.
 */
export const heldAnswers = async (
  docker: Docker,
  owner: BottleOwner,
  record: Deployed | undefined,
): Promise<Answers> => (record?.complete === true ? askedVariables(docker, owner, record) : {});
