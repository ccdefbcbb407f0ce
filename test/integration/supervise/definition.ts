/** A bottle whose agent may ask for more. With `-c egress=off` pipelock, or the scanner in its slot, stands alone. */

import { App, Auth, Bottle, HostEnv, Network, Route } from 'claude-bottle';

const app = new App();
const context = (key: string): string => String(app.node.tryGetContext(key) ?? '');

const reach =
  context('egress') === 'off'
    ? { pipelock: { allow: ['api.allowed.test'] } }
    : {
        egress: {
          routes: [
            Route.to('api.allowed.test', { pathPrefixes: ['/v1/'], auth: Auth.bearer(HostEnv.of('DEMO_API_TOKEN')) }),
          ],
        },
      };

new Bottle(app, 'proposals', {
  agent: {},
  sidecars: {
    ...reach,
    supervise: { deadlineSeconds: 120 },
    trustedCAs: [context('internetCA')],
    egressNetwork: Network.external(context('network')),
  },
});

app.synth();
