import { agent, agentWithRemotes, remote, remotes } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

export const GIT_EXAMPLES: RuleExamples = {
  'bottles::git-name': { failing: remotes(remote({ name: 'acme/app.git' })), mended: remotes(remote({ name: 'app' })) },
  'bottles::git-name-unique': {
    failing: remotes(
      remote({ name: 'app' }),
      remote({ name: 'App', url: 'ssh://git@github.com/acme/application.git' }),
    ),
    mended: remotes(
      remote({ name: 'app' }),
      remote({ name: 'application', url: 'ssh://git@github.com/acme/application.git' }),
    ),
  },
  'bottles::git-url': {
    failing: remotes(remote({ url: 'https://github.com/acme/app.git' })),
    mended: remotes(remote({ url: 'ssh://git@github.com/acme/app.git' })),
  },
  'bottles::git-url-unique': {
    failing: remotes(
      remote({ name: 'app', more: "access: 'read'" }),
      remote({ name: 'app-push', url: 'git@github.com:acme/app' }),
    ),
    mended: remotes(remote({ name: 'app' })),
  },
  'bottles::git-known-host-key': {
    failing: remotes(remote({ knownHostKey: 'ssh-ed25519 AAAA…' })),
    mended: remotes(remote()),
  },
  'bottles::git-identity-file': {
    failing: remotes(remote({ identityFile: '~/.ssh/id_ed25519.pub' })),
    mended: remotes(remote({ identityFile: '~/.ssh/id_ed25519' })),
  },
  'bottles::git-patterns': {
    failing: remotes(remote({ more: "protectedPaths: ['/.ci/**', 'deploy/../infra/**']" })),
    mended: remotes(remote({ more: "protectedPaths: ['.ci/**', 'infra/**']" })),
  },
  'bottles::git-unprotected': {
    failing: remotes(remote({ more: 'protectedPaths: []' })),
    mended: remotes(remote({ more: "protectedPaths: ['.github/workflows/**', 'deploy/**']" })),
  },
  'bottles::git-rewrite': {
    failing: remotes(remote({ more: 'allow: { force: true }' })),
    mended: remotes(remote({ more: "branches: ['agent/*']" })),
  },
  'bottles::git-default-branch': {
    failing: remotes(remote({ more: "branches: ['**']" })),
    mended: remotes(remote({ more: "branches: ['agent/**']" })),
  },
  'bottles::workspace-remote': {
    failing: agent("workspace: Workspace.clone('app')"),
    mended: agentWithRemotes("workspace: Workspace.clone('app')", remote()),
  },
};
