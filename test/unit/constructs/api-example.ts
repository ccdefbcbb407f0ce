/** The definition that a user would write, as the public API documents it. `tsc` checks that it compiles. */

import { App, Auth, Bottle, EnvValue, GitRemote, HostEnv, Route, Workspace } from 'claude-bottle';

/** The documented example; `knownHostKey` stands in it as `ssh-ed25519 AAAA…`. */
export function apiExample(knownHostKey: string): App {
  const app = new App();

  new Bottle(app, 'demo', {
    agent: {
      workspace: Workspace.clone('app'),
      env: { EDITOR: 'vim', LANG: EnvValue.fromHost('LANG') },
    },
    sidecars: {
      egress: {
        routes: [
          Route.to('api.anthropic.com', {
            auth: Auth.bearer(HostEnv.of('CLAUDE_CODE_OAUTH_TOKEN')),
            tlsPassthrough: true,
          }),
          Route.to('api.github.com', {
            methods: ['GET'],
            pathPrefixes: ['/repos/acme/'],
            auth: Auth.bearer(HostEnv.of('GH_TOKEN')),
          }),
          Route.to('docs.example.org'),
        ],
      },
      gitGate: {
        remotes: [
          GitRemote.ssh('app', 'ssh://git@git.example.org/acme/app.git', {
            identityFile: '~/.ssh/id_ed25519',
            knownHostKey,
          }),
        ],
      },
      supervise: true,
    },
  });

  return app;
}
