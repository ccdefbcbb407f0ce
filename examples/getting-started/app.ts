/** One bottle with everything that a working day needs: a model, an API, a site to read, a repository, an operator. */

import { App, Auth, Bottle, EnvValue, GitRemote, HostEnv, Route, Workspace } from 'claude-bottle';

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
          // From the server's operator; `ssh-keyscan` shows what answers, which is not the same as who should.
          knownHostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
        }),
      ],
    },
    supervise: true,
  },
});

app.synth();
