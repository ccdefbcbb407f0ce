/** A bottle with all four daemons, whose credential has a shape that the scanner knows. */

import { App, Auth, Bottle, GitRemote, HostEnv, Network, Route } from 'claude-bottle';

const app = new App();
const context = (key: string): string => String(app.node.getContext(key));

new Bottle(app, 'scanner', {
  agent: {},
  sidecars: {
    egress: {
      routes: [
        Route.to('api.allowed.test', {
          methods: ['GET', 'POST'],
          pathPrefixes: ['/v1/'],
          auth: Auth.bearer(HostEnv.of('SCANNER_TEST_TOKEN')),
        }),
      ],
    },
    gitGate: {
      remotes: [
        GitRemote.ssh('app', 'ssh://git@git.test/srv/git/app.git', {
          identityFile: context('identityFile'),
          knownHostKey: context('hostKey'),
        }),
      ],
    },
    supervise: { deadlineSeconds: 300 },
    trustedCAs: [context('internetCA')],
    egressNetwork: Network.external(context('network')),
  },
});

app.synth();
