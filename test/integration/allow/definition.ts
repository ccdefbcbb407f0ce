/** A bottle whose policy operators change while it runs. The context's `declares` is one more host of the definition. */

import { App, Auth, Bottle, HostEnv, Network, Route } from 'claude-bottle';

const app = new App();
const context = (key: string): string => String(app.node.tryGetContext(key) ?? '');
const more = context('declares');

new Bottle(app, 'allow', {
  agent: {},
  sidecars: {
    egress: {
      routes: [
        Route.to('api.allowed.test', {
          methods: ['GET'],
          pathPrefixes: ['/v1/'],
          auth: Auth.bearer(HostEnv.of('DEMO_API_TOKEN')),
        }),
        ...(more === '' ? [] : [Route.to(more)]),
      ],
    },
    supervise: true,
    trustedCAs: [context('internetCA')],
    egressNetwork: Network.external(context('network')),
  },
});

app.synth();
