import { bottle, routes, sidecars } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

export const DAEMON_EXAMPLES: RuleExamples = {
  'bottles::daemon-set': {
    unbreakable: 'which daemons a bottle has follows from the routes, the remotes and `supervise` that it declares',
  },
  'bottles::token-slots': {
    unbreakable: 'slots are numbered by synth, in the order in which the routes declare their credentials',
  },
  'bottles::pipelock-exposed': {
    failing: bottle(
      '{}',
      `{
  egress: { routes: [Route.to('api.example.com', { methods: ['GET'] })] },
  pipelock: { exposed: true },
}`,
    ),
    mended: routes("'api.example.com', { methods: ['GET'] }"),
  },
  'bottles::network-name': {
    failing: sidecars("egressNetwork: Network.external('host')"),
    mended: sidecars("egressNetwork: Network.external('corp-registry')"),
  },
  'bottles::network-subnet': {
    failing: sidecars("egressNetwork: Network.managed({ subnet: '10.77.0.1/24' })"),
    mended: sidecars("egressNetwork: Network.managed({ subnet: '10.77.0.0/24' })"),
  },
  'bottles::trusted-cas': {
    failing: sidecars("trustedCAs: ['$HOME/certs/corp-ca.pem']"),
    mended: sidecars("trustedCAs: ['~/certs/corp-ca.pem']"),
  },
};
