/**
 * Each daemon in a container of its own: what parses the agent's requests shares no kernel namespace with git keys and
 * nothing but egress holds the credential. The agent sees the same names and ports as with the bundle.
 */

import { App, Auth, Bottle, HostEnv, Route } from 'claude-bottle';

const app = new App();

new Bottle(app, 'apart', {
  agent: {},
  sidecars: {
    shape: 'split',
    egress: {
      routes: [
        Route.to('api.example.org', { auth: Auth.bearer(HostEnv.of('EXAMPLE_TOKEN')), pathPrefixes: ['/v1/'] }),
        Route.to('docs.example.org', { methods: ['GET', 'HEAD'] }),
      ],
    },
    supervise: true,
    // Of each container, not of all of them together.
    resources: { memory: '512m', pids: 128 },
  },
});

app.synth();
