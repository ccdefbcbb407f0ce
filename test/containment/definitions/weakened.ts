/** A bottle with its protections switched off as far as a definition can: the probes must notice. */

import { App, Bottle, GitRemote, Network, Route } from 'claude-bottle';

const app = new App();
const context = (key: string): string => String(app.node.getContext(key));

new Bottle(app, 'weakened', {
  agent: {},
  sidecars: {
    egress: {
      routes: [Route.to('api.allowed.test', { tlsPassthrough: true }), Route.to('unlisted.test')],
    },
    pipelock: { exposed: true },
    gitGate: {
      remotes: [
        GitRemote.ssh('app', 'ssh://git@git.test/srv/git/app.git', {
          identityFile: context('identityFile'),
          knownHostKey: context('hostKey'),
        }),
      ],
    },
    trustedCAs: [context('internetCA')],
    egressNetwork: Network.external(context('network')),
  },
});

app.synth();
