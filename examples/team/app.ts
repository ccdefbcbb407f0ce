/**
 * A team's agent: it is told how the team works, taught how it reviews, and asked for what differs from one person to
 * the next. Run it from the root of this repository:
 * npm run deploy -- --app "node --conditions=claude-bottle-source --import tsx examples/team/app.ts"
 */

import { readFileSync } from 'node:fs';
import { Agent, App, Auth, Bottle, EnvValue, HostEnv, Route, SidecarBundle } from 'claude-bottle';

const app = new App();
const bottle = new Bottle(app, 'team');

const agent = new Agent(bottle, 'Agent', {
  // Standing instructions, part of Claude Code's system prompt.
  prompt: readFileSync(new URL('prompt.md', import.meta.url), 'utf8'),
  // Copied at deploy; the agent knows it as /code-review, and cannot change it.
  skills: ['examples/team/skills/code-review'],
});

// Asked for at the first deploy; without a terminal: --answer REVIEWER=MY_NAME, with MY_NAME exported.
agent.addEnv('REVIEWER', EnvValue.ask('Your name in the ticket system?'));

new SidecarBundle(bottle, 'Sidecars', {
  egress: {
    routes: [
      Route.to('api.anthropic.com', { auth: Auth.bearer(HostEnv.of('CLAUDE_CODE_OAUTH_TOKEN')), tlsPassthrough: true }),
      // A credential is never asked for: egress sends it, and the agent does not have it.
      Route.to('tickets.example.org', { methods: ['GET'], auth: Auth.token(HostEnv.of('TICKET_TOKEN')) }),
    ],
  },
});

app.synth();
