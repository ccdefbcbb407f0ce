/** The smallest bottle: no routes, so that pipelock is the agent's own proxy and knows hosts, not paths. */

import { AgentImage, App, Bottle, Mount, Network } from 'claude-bottle';

const app = new App();

new Bottle(app, 'reader', {
  agent: {
    image: AgentImage.claudeCode(),
    mounts: [Mount.volume('cache', '/var/cache/reader'), Mount.tmpfs('/scratch', { size: '64m' })],
    resources: { memory: '2g', cpus: 1, pids: 256 },
  },
  sidecars: {
    pipelock: { allow: ['docs.example.org', '*.static.example.org'] },
    egressNetwork: Network.managed({ subnet: '10.89.7.0/24' }),
  },
});

app.synth();
