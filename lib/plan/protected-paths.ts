/**
 * What stays read-only in a workspace that is a directory of the host (docs/decisions/0013): whatever runs by itself
 * once a person opens the directory in an editor, enters it in a shell, uses git there or starts an agent program there.
 * Not what a person runs on purpose, such as builds, tests and package scripts.
 */

export interface ProtectedPath {
  /** Relative to the workspace. */
  readonly path: string;
  readonly kind: 'directory' | 'file';
  /** Deploy makes it, empty, where it is missing; of a file it cannot: an empty one would mean something. */
  readonly made: boolean;
}

const paths = (kind: ProtectedPath['kind'], made: boolean, ...names: readonly string[]): readonly ProtectedPath[] =>
  names.map((path) => ({ path, kind, made }));

/** Name of a repository of git, protected wherever it is in the tree: a directory, or a file that leads to one. */
export const GIT_NAME = '.git';

export const PROTECTED_PATHS: readonly ProtectedPath[] = [
  // All of it: hooks and config, and each file by which git can be led to others (commondir, worktrees, a rebase's todo).
  ...paths('directory', true, GIT_NAME),
  // Editors.
  ...paths('directory', true, '.vscode', '.idea', '.zed', '.helix'),
  ...paths('directory', false, '.fleet', '.nova', '.vim', '.nvim', '.devcontainer', '.vscode-insiders'),
  ...paths('file', false, '.vimrc', '.nvimrc', '.exrc', '.nvim.lua', '.lvimrc', '.neoconf.json', '.dir-locals.el'),
  ...paths('file', false, '.devcontainer.json'),
  // Agent programs.
  ...paths('directory', true, '.claude', '.cursor'),
  ...paths('directory', false, '.codex', '.gemini', '.windsurf', '.continue', '.roo', '.opencode'),
  ...paths('file', false, '.mcp.json', '.aider.conf.yml', 'opencode.json', 'opencode.jsonc'),
  // What git's hooks run, where a person has installed them.
  ...paths('directory', false, '.husky', '.githooks', '.git-hooks', '.lefthook'),
  ...paths('file', false, '.pre-commit-config.yaml', 'lefthook.yml', '.lefthook.yml', '.overcommit.yml', '.gitconfig'),
  // Shells.
  ...paths('file', false, '.envrc', 'mise.toml', '.mise.toml', '.autoenv.zsh'),
  ...paths('directory', false, '.mise'),
];

/** {@link PROTECTED_PATHS} as the manifest lists them: a slash at the end means a directory. */
export const PROTECTED_PATTERNS: readonly string[] = [
  ...PROTECTED_PATHS.map(({ path, kind }) => (kind === 'directory' ? `${path}/` : path)),
  `**/${GIT_NAME}`,
];
