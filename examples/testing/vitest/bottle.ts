/** The definition under test. The bottle is exported, so that a test can look at it before anything is written. */

import { App, Auth, Bottle, HostEnv, Route } from 'claude-bottle';

export const app = new App();

export const bottle = new Bottle(app, 'reviewer', {
  agent: { env: { EDITOR: 'vim' } },
  sidecars: {
    egress: {
      routes: [
        Route.to('api.github.com', { methods: ['GET'], auth: Auth.bearer(HostEnv.of('GH_TOKEN')) }),
        Route.to('docs.example.org'),
      ],
    },
    supervise: true,
  },
});
