/** `gitconfig`: sends whatever names a declared remote's upstream to git-gate's mirror of it. */

import { GIT_GATE_URL, type GitRemotePlan, type GitSshUrl, parseGitSshUrl } from '../../plan/index.ts';

/** Ways to write one repository, without the final `.git`. */
interface Spellings {
  /** Fetch and push. */
  readonly any: readonly string[];
  /** Push alone. */
  readonly push: readonly string[];
}

const DEFAULT_PORT = 22;

const withoutSuffix = (path: string): string => path.replace(/\/+$/, '').replace(/\.git$/, '');

function spellings({ user, host, port, path }: GitSshUrl): Spellings {
  const relative = withoutSuffix(path).replace(/^\/+/, '');
  const standard = port === DEFAULT_PORT;
  const authorities = [`${user}@${host}:${port}`, ...(standard ? [`${user}@${host}`] : [])];
  const schemes = ['ssh', 'git+ssh', 'ssh+git'];
  return {
    any: [
      ...schemes.flatMap((scheme) => authorities.map((authority) => `${scheme}://${authority}/${relative}`)),
      // The scp form cannot name a port.
      ...(standard ? [`${user}@${host}:${relative}`, `${user}@${host}:/${relative}`] : []),
      `git://${host}/${relative}`,
    ],
    // egress refuses every push over HTTPS, so this takes nothing away; a fetch over HTTPS is the routes' to decide.
    push: [`https://${host}/${relative}`],
  };
}

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** The keys of one remote's section; a spelling that another remote has claimed is left to that one. */
function section(remote: GitRemotePlan, claimed: Map<string, string>): string {
  const parsed = parseGitSshUrl(remote.url);
  if (parsed === undefined) throw new Error(`not an SSH URL, and no rule has said so: ${remote.url}`);
  const { any, push } = spellings(parsed);
  const lines: string[] = [];
  const add = (key: string, spelling: string): void => {
    const owner = claimed.get(spelling) ?? remote.name;
    claimed.set(spelling, owner);
    if (owner === remote.name) lines.push(`\t${key} = ${quoted(spelling)}`);
  };
  // git replaces the longest prefix that fits, so a URL with `.git` leaves nothing behind our name.
  for (const spelling of new Set([withoutSuffix(remote.url), ...any])) {
    add('insteadOf', `${spelling}.git`);
    add('insteadOf', spelling);
  }
  for (const spelling of push) {
    add('pushInsteadOf', `${spelling}.git`);
    add('pushInsteadOf', spelling);
  }
  return [`[url ${quoted(`${GIT_GATE_URL}${remote.name}.git`)}]`, ...lines].join('\n');
}

/**
 * The text of `gitconfig`, which GIT_CONFIG_SYSTEM (git 2.32 and later) puts in place of the image's own system file;
 * so it begins by including that one. What a definition spells out for one remote is never taken by a spelling that
 * is merely derived for another.
 */
export function renderGitconfig(remotes: readonly GitRemotePlan[]): string {
  const claimed = new Map<string, string>();
  for (const { name, url } of remotes) {
    for (const spelling of [withoutSuffix(url), `${withoutSuffix(url)}.git`]) {
      if (!claimed.has(spelling)) claimed.set(spelling, name);
    }
  }
  const sections = remotes.map((remote) => section(remote, claimed));
  return `${['[include]\n\tpath = /etc/gitconfig', ...sections].join('\n')}\n`;
}
