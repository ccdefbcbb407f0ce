/** The two forms in which a git remote over SSH is written. */

export interface GitSshUrl {
  readonly user: string;
  /** Lower case. */
  readonly host: string;
  readonly port: number;
  /** As git sends it to the server: absolute for the `ssh://` form, relative to the home for the scp form. */
  readonly path: string;
}

const URL_FORM = /^ssh:\/\/([A-Za-z0-9._-]+)@([A-Za-z0-9.-]+)(?::(\d{1,5}))?(\/[^\s?#]+)$/;
const SCP_FORM = /^([A-Za-z0-9._-]+)@([A-Za-z0-9.-]+):(?!\/\/)([^\s?#]+)$/;

/** The parts of `ssh://user@host[:port]/path` or `user@host:path` (gitfaq, "GIT URLS"); undefined for anything else. */
export function parseGitSshUrl(url: string): GitSshUrl | undefined {
  const inUrlForm = URL_FORM.exec(url);
  const [, user, host, port, path] = inUrlForm ?? [];
  if (user !== undefined && host !== undefined && path !== undefined) {
    const number = port === undefined ? 22 : Number(port);
    return number >= 1 && number <= 65_535 ? { user, host: host.toLowerCase(), port: number, path } : undefined;
  }
  const [, scpUser, scpHost, scpPath] = SCP_FORM.exec(url) ?? [];
  if (scpUser === undefined || scpHost === undefined || scpPath === undefined) return undefined;
  return { user: scpUser, host: scpHost.toLowerCase(), port: 22, path: scpPath };
}
