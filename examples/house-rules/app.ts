/** An organisation's own rules, and two warnings that somebody answers for. */

import { App, Auth, Bottle, HostEnv, Route, Rules } from 'claude-bottle';
import { noWildcards, writingIsNoted } from './house-rules.ts';

const app = new App();

Rules.of(app).add(noWildcards);
Rules.of(app).add(writingIsNoted);

const writer = new Bottle(app, 'writer', {
  agent: {},
  sidecars: {
    egress: {
      routes: [
        Route.to('api.anthropic.com', { auth: Auth.bearer(HostEnv.of('ANTHROPIC_TOKEN')), tlsPassthrough: true }),
        Route.to('docs.example.org', { methods: ['GET', 'HEAD'] }),
      ],
    },
  },
});

Rules.of(writer).acknowledge({
  id: 'bottles::route-tls-passthrough',
  reason: 'long conversations with the model look like secrets; reviewed by security on the team page',
});
Rules.of(writer).acknowledge({
  id: 'acme::writing-is-noted',
  reason: 'the agent talks to its model by POST, and the model keeps nothing',
});

app.synth();
