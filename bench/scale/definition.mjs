/** `BOTTLES` bottles of all four daemons, from the compiled package; the last line of stdout is its own figures: peak memory in KiB and user CPU time in µs. */

import { App, Auth, Bottle, EnvValue, GitRemote, HostEnv, Route, Workspace } from 'claude-bottle';

const bottles = Number(process.env['BOTTLES']);
const app = new App();

for (let number = 0; number < bottles; number += 1) {
  new Bottle(app, `demo-${number}`, {
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
            knownHostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
          }),
        ],
      },
      supervise: true,
    },
  });
}

app.synth();
const { maxRSS, userCPUTime } = process.resourceUsage();
process.stdout.write(`${maxRSS} ${userCPUTime}\n`);
