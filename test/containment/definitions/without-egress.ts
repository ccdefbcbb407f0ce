/** A bottle without egress: the agent's proxy is pipelock, or the built-in scanner in its slot. */

import { App, Bottle, Network } from 'claude-bottle';

const app = new App();
const context = (key: string): string => String(app.node.getContext(key));

new Bottle(app, 'without-egress', {
  agent: {},
  sidecars: {
    pipelock: { allow: ['api.allowed.test'] },
    trustedCAs: [context('internetCA')],
    egressNetwork: Network.external(context('network')),
  },
});

app.synth();
