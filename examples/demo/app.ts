/**
 * The demo's bottle: one allowed site with a credential, one git remote, supervise. `npm run demo` makes the values of
 * the context (a network, a CA, keys) and runs this definition with them.
 */

import { App, Auth, Bottle, GitRemote, HostEnv, Network, Route, Workspace } from 'claude-bottle';

const app = new App();

/** A text of the context, which the demo writes into its `cdk.json`. */
const context = (key: string): string => String(app.node.getContext(key));

new Bottle(app, 'demo', {
  agent: { workspace: Workspace.clone('app') },
  sidecars: {
    egress: {
      routes: [
        Route.to('api.allowed.test', {
          methods: ['GET', 'POST'],
          pathPrefixes: ['/v1/'],
          auth: Auth.bearer(HostEnv.of('DEMO_API_TOKEN')),
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
    supervise: true,
    trustedCAs: [context('internetCA')],
    egressNetwork: Network.external(context('network')),
  },
});

app.synth();
