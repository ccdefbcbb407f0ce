import { bottle, routes, sidecars } from '../pages/snippets.ts';
import type { RuleExamples } from './example.ts';

const onSubnet = (id: string, subnet: string): string =>
  bottle('{}', `{ egressNetwork: Network.managed({ subnet: '${subnet}' }) }`, id);

const trusting = (file: string): string =>
  sidecars(`egress: { routes: [Route.to('api.example.com')] }, trustedCAs: ['${file}']`);

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
  'bottles::network-subnet-overlap': {
    failing: `${onSubnet('review', '10.77.0.0/16')}\n\n${onSubnet('nightly', '10.77.3.0/24')}`,
    mended: `${onSubnet('review', '10.77.0.0/24')}\n\n${onSubnet('nightly', '10.77.1.0/24')}`,
  },
  'bottles::trusted-cas': {
    failing: trusting('$HOME/certs/corp-ca.pem'),
    mended: trusting('~/certs/corp-ca.pem'),
  },
};
