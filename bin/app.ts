/** This repository's own definition: a small bottle that needs nothing of its host and deploys anywhere. */

import { App, Bottle, Route } from 'claude-bottle';

const app = new App();

new Bottle(app, 'hello', {
  agent: { env: { EDITOR: 'vi' } },
  sidecars: {
    egress: { routes: [Route.to('docs.example.org', { methods: ['GET', 'HEAD'] })] },
    supervise: true,
  },
});

app.synth();
