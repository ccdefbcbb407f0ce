/** Findings in words: the rule, the file and the commit, never a value nor a name that holds one. */

import { type Git, runGit } from './git.ts';
import { printable } from './say.ts';
import type { Finding } from './scan/scan.ts';

const SHOWN = 20;
const WITHHELD = '(name withheld)';

/** Shows a ref or path unless a finding lies in it, or in a name that it is part of. */
export function nameShower(findings: readonly Finding[]): (name: string) => string {
  const secret = findings.flatMap(({ item }) =>
    item.kind === 'ref' ? [item.ref] : item.kind === 'path' ? [item.path] : [],
  );
  return (name) =>
    secret.some((held) => held.includes(name) || name.includes(held)) ? WITHHELD : printable(name, 200);
}

/** The first commit of the push that brings the object: found in merges, too. */
async function commitOf(git: Git, id: string, ids: readonly string[]): Promise<string | undefined> {
  const search = ['log', '-m', '--format=%H', `--find-object=${id}`, ...ids, '--not', '--all'];
  const { code, stdout } = await runGit(git, search);
  return code === 0
    ? stdout
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .at(-1)
    : undefined;
}

/** One line a finding, at most {@link SHOWN}. `ids` are the new values of the pushed refs. */
export async function findingLines(git: Git, findings: readonly Finding[], ids: readonly string[]): Promise<string[]> {
  const show = nameShower(findings);
  const lines: string[] = [];
  for (const { rule, item, line } of findings.slice(0, SHOWN)) {
    let where: string;
    if (item.kind === 'ref') where = `the name of a ref ${WITHHELD}`;
    else if (item.kind === 'path')
      where = `the name of a file or directory ${WITHHELD}, commit ${item.commit.slice(0, 12)}`;
    else if (item.kind === 'submodule') {
      where = `the commit id of the submodule ${show(item.path)}, commit ${item.commit.slice(0, 12)}`;
    } else if (item.type === 'blob') {
      const commit = await commitOf(git, item.id, ids);
      const file = `${show(item.path)}${line === undefined ? '' : ` line ${line}`}`;
      where = `${file}, commit ${commit?.slice(0, 12) ?? 'unknown'}`;
    } else where = `the ${item.type} object ${item.id.slice(0, 12)} (message, names or headers)`;
    lines.push(`secret found by rule ${printable(rule, 80)} in ${where}`);
  }
  if (findings.length > SHOWN) lines.push(`and ${findings.length - SHOWN} more findings`);
  return lines;
}
