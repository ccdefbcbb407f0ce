/** An agent in an image of its own: built from `image/`, again only when something in there changes. */

import { App, Bottle, Image, Route } from 'claude-bottle';

const app = new App();

new Bottle(app, 'tooled', {
  agent: {
    // The user and the home of the image are the agent's: here `dev` in /home/dev.
    image: Image.build('image', { args: { BASE: 'debian:trixie-slim' } }),
  },
  sidecars: { egress: { routes: [Route.to('pypi.org'), Route.to('files.pythonhosted.org')] } },
});

app.synth();
