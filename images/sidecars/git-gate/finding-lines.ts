/** Findings in words and as data: the rule, the file and the commit, never a value nor a name that holds one. */

import { type Git, runGit } from './git.ts';
import { printable } from './say.ts';
import type { Finding } from './scan/scan.ts';

const SHOWN = 20;
const WITHHELD = '(name withheld)';

/** A finding as the log has it. */
export interface LoggedFinding {
  readonly rule: string;
  readonly in: 'file' | 'name of a file' | 'name of a ref' | 'id of a submodule' | 'commit' | 'tag';
  /** Path of the file or submodule; absent where the name is what holds the secret. */
  readonly file?: string;
  readonly line?: number;
  /** The first commit that brings it; absent if it cannot be told. */
  readonly commit?: string;
  /** The commit or tag object itself. */
  readonly object?: string;
}

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

/** The first {@link SHOWN} of `findings`. `ids` are the new values of the pushed refs. */
export async function loggedFindings(
  git: Git,
  findings: readonly Finding[],
  ids: readonly string[],
): Promise<LoggedFinding[]> {
  const show = nameShower(findings);
  const logged: LoggedFinding[] = [];
  for (const { rule: name, item, line } of findings.slice(0, SHOWN)) {
    const rule = printable(name, 80);
    if (item.kind === 'ref') logged.push({ rule, in: 'name of a ref' });
    else if (item.kind === 'path') logged.push({ rule, in: 'name of a file', commit: item.commit });
    else if (item.kind === 'submodule') {
      logged.push({ rule, in: 'id of a submodule', file: show(item.path), commit: item.commit });
    } else if (item.type === 'blob') {
      const commit = await commitOf(git, item.id, ids);
      const where = { file: show(item.path), ...(line === undefined ? {} : { line }) };
      logged.push({ rule, in: 'file', ...where, ...(commit === undefined ? {} : { commit }) });
    } else logged.push({ rule, in: item.type === 'tag' ? 'tag' : 'commit', object: item.id });
  }
  return logged;
}

function place({ in: kind, file, line, commit, object }: LoggedFinding): string {
  const short = (commit ?? 'unknown').slice(0, 12);
  if (kind === 'name of a ref') return `the name of a ref ${WITHHELD}`;
  if (kind === 'name of a file') return `the name of a file or directory ${WITHHELD}, commit ${short}`;
  if (kind === 'id of a submodule') return `the commit id of the submodule ${file}, commit ${short}`;
  if (kind === 'file') return `${file}${line === undefined ? '' : ` line ${line}`}, commit ${short}`;
  return `the ${kind} object ${object?.slice(0, 12)} (message, names or headers)`;
}

/** One line a finding; `count` is how many there are in all. */
export function findingLines(findings: readonly LoggedFinding[], count: number): string[] {
  const lines = findings.map((finding) => `secret found by rule ${finding.rule} in ${place(finding)}`);
  if (count > findings.length) lines.push(`and ${count - findings.length} more findings`);
  return lines;
}
