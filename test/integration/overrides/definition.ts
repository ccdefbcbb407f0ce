/** A bottle with every override that the rules let pass, all at once. */

import { App, Bottle, Network, Route } from 'claude-bottle';
import { HARMLESS_EDITS } from '../../support/harmless-edits.ts';

const app = new App();
const context = (key: string): string => String(app.node.getContext(key));

const { agent, sidecars } = new Bottle(app, 'overridden', {
  agent: {},
  sidecars: {
    egress: { routes: [Route.to('api.allowed.test', { methods: ['GET', 'POST'], pathPrefixes: ['/v1/'] })] },
    supervise: true,
    trustedCAs: [context('internetCA')],
    egressNetwork: Network.external(context('network')),
  },
});

for (const { on, path, value } of HARMLESS_EDITS) (on === 'agent' ? agent : sidecars).addOverride(path, value);

app.synth();
