/**
 * An agent in a company's network: its proxy inspects TLS, its services have private addresses and credentials of every
 * kind, its images come from its own registry by digest.
 */

import { App, Auth, Bottle, GitRemote, HostEnv, Image, Mount, Network, Route, Rules, Workspace } from 'claude-bottle';

const DIGEST = 'sha256:0c5e1a3b8d2f4e6a7b9c1d3f5e7a9b0c2d4f6e8a1b3c5d7f9e0a2b4c6d8f1e3a';

// Refuses every image that is named by a tag alone. `bottle synth -c requireDigests=false` leaves it out once.
const app = new App({ context: { requireDigests: true } });

const bottle = new Bottle(app, 'intranet', {
  agent: {
    image: Image.from(`registry.example.com/tools/agent@${DIGEST}`),
    workspace: Workspace.clone('handbook'),
    mounts: [Mount.bind('reference', '/reference')],
    // A second kernel boundary where the engine has gVisor.
    runtime: 'runsc',
  },
  sidecars: {
    image: Image.from(`registry.example.com/tools/bottle-sidecars@${DIGEST}`),
    // What the company's own hosts, or a proxy that inspects, are certified by.
    trustedCAs: ['certs/company-root.pem'],
    // Made by the administrator: it routes to the services below. Deploy joins it, and never makes or removes it.
    egressNetwork: Network.external('company'),
    egress: {
      routes: [
        Route.to('tickets.example.com', { privateUpstream: true, auth: Auth.token(HostEnv.of('TICKETS_TOKEN')) }),
        Route.to('artifacts.example.com', {
          ports: [8443],
          methods: ['GET', 'HEAD'],
          auth: Auth.basic('ci-reader', HostEnv.of('ARTIFACTS_PASSWORD')),
        }),
        Route.to('search.example.com', {
          pathPrefixes: ['/v2/query/'],
          auth: Auth.header('X-Search-Key', HostEnv.of('SEARCH_KEY')),
        }),
        Route.to('events.example.com', { webSocket: true, pathPrefixes: ['/stream/'] }),
      ],
    },
    pipelock: { engine: 'pipelock', maxResponseBytes: 64 * 1024 * 1024 },
    gitGate: {
      remotes: [
        // To read only, from a server that speaks SSH on a port of its own.
        GitRemote.ssh('handbook', 'ssh://git@git.example.com:2222/docs/handbook.git', {
          identityFile: '~/.ssh/id_handbook',
          knownHostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
          access: 'read',
        }),
        // To push to: the agent's own branches, and nothing that the forge runs or deploys.
        GitRemote.ssh('site', 'git@git.example.com:docs/site.git', {
          identityFile: '~/.ssh/id_site',
          knownHostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
          branches: ['agent/**'],
          protectedPaths: ['.gitlab-ci.yml', '.gitlab/**', 'deploy/**'],
          allow: { delete: true },
        }),
      ],
    },
    supervise: { deadlineSeconds: 1800 },
  },
});

for (const [id, reason] of [
  ['bottles::route-private-upstream', 'the ticket system has an address of the company network, and no other'],
  ['bottles::git-rewrite', 'branches below agent/ are the agent’s own, and it removes those that are merged'],
  ['bottles::route-web-socket', 'the event stream is read only; what the agent could send there goes nowhere'],
] as const) {
  Rules.of(bottle).acknowledge({ id, reason });
}

app.synth();
