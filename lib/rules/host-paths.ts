/** Paths of the host, judged by their spelling alone; deploy judges the real ones again. */

import { posix } from 'node:path';
import { canonicalPath, isWithin, overlap } from './container-paths.ts';

/** Trees of the machine itself. Nothing of them, in them or above them goes into a container. */
const MACHINE_TREES: readonly { readonly path: string; readonly what: string }[] = [
  { path: '/run', what: 'the sockets of the machine, the container runtime among them' },
  { path: '/proc', what: 'the processes of the machine' },
  { path: '/sys', what: 'the devices of the machine' },
  { path: '/dev', what: 'the devices of the machine' },
  { path: '/boot', what: 'the kernel of the machine' },
  { path: '/var/lib/docker', what: 'the state of the container runtime' },
  { path: '/var/lib/containerd', what: 'the state of the container runtime' },
  { path: '/var/lib/containers', what: 'the state of the container runtime' },
  { path: '/var/lib/crio', what: 'the state of the container runtime' },
  { path: '/var/lib/buildkit', what: 'the state of the container runtime' },
  { path: '/var/lib/lxd', what: 'the state of the container runtime' },
  { path: '/var/lib/incus', what: 'the state of the container runtime' },
  { path: '/var/lib/libvirt', what: 'the state of the virtual machines' },
  { path: '/var/lib/kubelet', what: 'the state of Kubernetes' },
  { path: '/var/lib/rancher', what: 'the state of Kubernetes' },
  { path: '/var/snap/docker', what: 'the state of the container runtime' },
  { path: '/var/snap/lxd', what: 'the state of the container runtime' },
  { path: '/mnt/wsl/docker-desktop', what: 'the state of the container runtime' },
  { path: '/var/spool/cron', what: 'what the machine runs by itself' },
  { path: '/etc/docker', what: 'the settings of the container runtime' },
  { path: '/etc/kubernetes', what: 'the credentials of Kubernetes' },
  { path: '/etc/shadow', what: 'the passwords of the machine' },
  { path: '/var/backups', what: 'copies of the passwords of the machine' },
  { path: '/etc/gshadow', what: 'the passwords of the machine' },
  { path: '/etc/sudoers', what: 'who may become root' },
  { path: '/etc/sudoers.d', what: 'who may become root' },
  { path: '/etc/ssh', what: 'the keys of the machine' },
  { path: '/etc/ssl/private', what: 'the keys of the machine' },
  { path: '/etc/krb5.keytab', what: 'the keys of the machine' },
];

/** Trees that may be read but not written: whoever writes them owns the machine. */
const READ_ONLY_TREES = ['/etc', '/usr', '/opt', '/var/lib', '/var/cache', '/var/log', '/var/mail', '/snap'];

/** Runtime sockets by the name of the file, wherever it is (lower case). */
const SOCKET_NAMES =
  /^(?:docker|podman|containerd|crio|cri-dockerd|dockershim|buildkitd|lxd?|nerdctl|balena-engine)(?:\.raw|-api)?\.sock(?:et)?$|^docker_engine$|^unix\.socket$/;

/** Any socket, by the name that sockets have (lower case): a way to a process of the host that goes past the proxies. */
const ANY_SOCKET = /(?:[.-]sock(?:et)?|\.ttrpc|^s\.gpg-agent(?:\.[a-z]+)?)$/;

/** Where the machine's programs meet: sockets of ssh agents and displays, files of every user. What is below is judged alone. */
const MEETING_PLACES = ['/tmp', '/var/tmp', '/host_mnt', '/mnt/wsl'];
const MEETING_TREES =
  /^(?:\/tmp|\/var\/tmp)\/(?:\.x11-unix|\.ice-unix|ssh-[^/]*|com\.apple\.launchd\.[^/]*|tmux-[^/]*|dbus-[^/]*)(?:\/|$)/;

/** Files and folders of a home that hold credentials, or that run by themselves (lower case). */
const HOME_SECRETS: readonly string[] = [
  '.ssh',
  '.aws',
  '.azure',
  '.docker',
  '.kube',
  '.gnupg',
  '.netrc',
  '.env',
  '.envrc',
  '.git-credentials',
  '.gitconfig',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.claude',
  '.claude.json',
  '.claude-bottle',
  '.codex',
  '.gemini',
  '.password-store',
  '.vault-token',
  '.pgpass',
  '.my.cnf',
  '.terraform.d',
  '.terraformrc',
  '.oci',
  '.boto',
  '.s3cfg',
  '.step',
  '.databrickscfg',
  '.snowflake',
  '.pulumi',
  '.vercel',
  '.wrangler',
  '.cloudflared',
  '.ngrok2',
  '.fly',
  '.railway',
  '.jupyter',
  '.cursor',
  '.aider.conf.yml',
  '.authinfo',
  '.authinfo.gpg',
  '.electrum',
  '.bitcoin',
  '.ethereum',
  '.zprofile',
  '.zlogin',
  '.bash_login',
  '.bash_logout',
  '.python_history',
  '.node_repl_history',
  '.psql_history',
  '.mysql_history',
  '.minikube',
  '.colima',
  '.lima',
  '.rd',
  '.orbstack',
  '.mozilla',
  '.thunderbird',
  '.bashrc',
  '.bash_profile',
  '.bash_history',
  '.profile',
  '.zshrc',
  '.zshenv',
  '.zsh_history',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.m2/settings.xml',
  '.gradle/gradle.properties',
  '.config/gcloud',
  '.config/gh',
  '.config/glab-cli',
  '.config/hub',
  '.config/op',
  '.config/git',
  '.config/containers',
  '.config/google-chrome',
  '.config/chromium',
  '.config/doctl',
  '.config/rclone',
  '.config/sops',
  '.config/age',
  '.config/systemd',
  '.config/fish',
  '.config/github-copilot',
  '.config/stripe',
  '.config/heroku',
  '.config/netlify',
  '.config/ngrok',
  '.config/solana',
  '.config/1password',
  '.config/bitwarden cli',
  '.config/helm',
  '.config/argocd',
  '.config/autostart',
  '.local/share/keyrings',
  '.local/share/containers',
  '.local/share/docker',
  'library/keychains',
  'library/application support',
];

/** What of a home is run, or read by what is run, on the host (lower case): to read it is fine, to write it is not. */
const HOME_PROGRAMS: readonly string[] = [
  'bin',
  '.local/bin',
  '.local/lib',
  '.cargo',
  'go/bin',
  '.bun',
  '.deno',
  '.nvm',
  '.pyenv',
  '.rbenv',
  '.asdf',
  '.oh-my-zsh',
  '.vim',
  '.vimrc',
  '.emacs.d',
  '.tmux.conf',
  '.inputrc',
  '.vscode',
  '.vscode-server',
  '.config/code',
  '.config/nvim',
  '.local/share/applications',
  '.local/share/nvim',
  'library/launchagents',
];

/** Homes by where distributions and systems put them; what is below is relative to the home. */
const HOME =
  /^(?:~|\/root|\/var\/root|(?:\/home|\/users|\/var\/home|\/export\/home|\/mnt\/[a-z]\/users)\/[^/]+)(?=\/|$)/;
const HOME_PARENTS = /^\/(?:home|users|var\/home|export|export\/home|mnt|mnt\/[a-z](?:\/users)?)$/;

/** Aliases under which macOS shows the same tree. */
const withoutAliases = (path: string): string =>
  path.replace(/^\/system\/volumes\/data(?=\/)/, '').replace(/^\/private(?=\/(?:var|etc|tmp)(?:\/|$))/, '');

/** `source` in one spelling, lower case: file systems of some hosts do not tell cases apart. */
export function comparable(source: string): string {
  // By way of upper case: some file systems also fold what only there is a letter of ASCII, as the long s.
  const lower = source.toUpperCase().toLowerCase();
  if (!lower.startsWith('~')) return canonicalPath(withoutAliases(canonicalPath(lower)));
  // Below a home of unknown depth: `~/a/../b` is `~/b`, and more dots leave the home.
  // What the machine has links for, `/bin` and `/var/run`, are names like any other there.
  const inner = posix.normalize(`/${lower.slice(1)}/`).slice(0, -1);
  return `~${inner}`;
}

/** The part of a home that `path` is, is in, or contains, e.g. `.ssh`. */
function homeSecret(path: string): string | undefined {
  const below = path.split('/').filter((segment) => segment !== '');
  return HOME_SECRETS.find((secret) => {
    const parts = secret.split('/');
    return below.some((_, start) => parts.every((part, index) => below[start + index] === part));
  });
}

/** A folder of a home that contains credentials further down, e.g. `.config`. */
const containsSecrets = (belowHome: string): boolean =>
  HOME_SECRETS.some((secret) => secret.startsWith(`${belowHome}/`));

/** Why `source` must not be mounted into a container, in words that follow the path; undefined if nothing speaks against it. */
export function forbiddenSource(source: string, writable: boolean): string | undefined {
  const path = comparable(source);
  const name = path.split('/').at(-1) ?? '';
  if (path === '/') return 'is the root of the host';
  if (SOCKET_NAMES.test(name)) return 'is a socket of the container runtime';
  if (ANY_SOCKET.test(name)) return 'is a socket of the host: a way past the proxies';
  if (MEETING_PLACES.includes(path) || MEETING_TREES.test(path))
    return 'is where programs of the host meet, sockets among it';
  const home = HOME.exec(path)?.[0];
  if (home === path || HOME_PARENTS.test(path)) return 'is a home directory, or contains them';
  const secret = homeSecret(path);
  if (secret !== undefined) return `is in ${secret}, which holds credentials or runs by itself`;
  const belowHome = home === undefined ? undefined : path.slice(home.length + 1);
  if (belowHome !== undefined && containsSecrets(belowHome)) return 'contains credentials';
  if (writable && belowHome !== undefined && HOME_PROGRAMS.some((known) => overlap(`/${belowHome}`, `/${known}`)))
    return 'holds programs of the home, or contains them, and is writable';
  // A path that leaves the project upwards leads, from some directory, to the same path at the root.
  const rooted = path.startsWith('../') ? canonicalPath(path.replace(/^(?:\.\.\/)+/, '/')) : path;
  if (!rooted.startsWith('/')) return undefined;
  const tree = MACHINE_TREES.find(({ path: known }) => overlap(rooted, known));
  if (tree !== undefined) return `${isWithin(rooted, tree.path) ? 'is in' : 'contains'} ${tree.path}: ${tree.what}`;
  if (writable && READ_ONLY_TREES.some((known) => overlap(path, known))) return 'is part of the system, and writable';
  return undefined;
}
