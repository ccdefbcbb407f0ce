/** For each rule on what bind mounts of an app endanger: definitions that break it, and the nearest ones that do not. */

import { App, Bottle, Image, Mount } from 'claude-bottle';
import type { RuleCase } from './cases-network.ts';
import { appOf, remote, withAgent } from './definition.ts';

const agentMount = (...mounts: Mount[]): App => withAgent({ mounts });
const source = (path: string): App => agentMount(Mount.bind(path, '/data'));
const writable = (path: string): App => agentMount(Mount.bind(path, '/data', { readOnly: false }));

/** `path` in the agent of a bottle whose remote's key is `identityFile`. */
const besideKey = (path: string, identityFile: string): App =>
  appOf({ mounts: [Mount.bind(path, '/data')] }, { gitGate: { remotes: [remote({ identityFile })] } });

const both = (agent: Mount, bundle: Mount): App => appOf({ mounts: [agent] }, { mounts: [bundle] });

const rw = (path: string, at = '/data'): Mount => Mount.bind(path, at, { readOnly: false });
const ro = (path: string, at = '/srv'): Mount => Mount.bind(path, at);

/** Two bottles in one app, with a mount each. */
function two(first: Mount, second: Mount): App {
  const app = new App();
  new Bottle(app, 'one', { agent: { mounts: [first] }, sidecars: {} });
  new Bottle(app, 'two', { agent: { mounts: [second] }, sidecars: {} });
  return app;
}

const built = (context: string, ...mounts: Mount[]): App => withAgent({ image: Image.build(context), mounts });
const trusting = (file: string, ...mounts: Mount[]): App => appOf({ mounts }, { trustedCAs: [file] });

/** The mount is one bottle's, what it endangers another's. */
function elsewhere(mount: Mount): App {
  const app = new App();
  new Bottle(app, 'one', { agent: { mounts: [mount] }, sidecars: {} });
  new Bottle(app, 'two', {
    agent: { image: Image.build('images/agent') },
    sidecars: { trustedCAs: ['certs/ca.pem'], gitGate: { remotes: [remote({ identityFile: 'keys/id' })] } },
  });
  return app;
}

export const SOURCE_CASES: Readonly<Record<string, RuleCase>> = {
  'bottles::mount-project': {
    fires: [
      source('..'),
      source('../..'),
      source('a/../..'),
      writable('.'),
      writable('./'),
      writable('a/..'),
      ...['bin', './node_modules/x', '.git/hooks', 'x/../bin', 'cdk.json', 'app.ts', 'dist'].map(writable),
      ...['src', 'infra/stacks', 'tools', 'tools/data', 'TOOLS', 'hooks', 'out'].map(writable),
      // The files of this definition lie there.
      writable('test'),
      ...['.git', 'bin', 'node_modules/x', 'tools', '', 'x/../bin'].map((path) =>
        writable(`/srv/acme/project/${path}`),
      ),
      source('/srv/acme'),
      source('/srv//acme/.'),
      source('/SRV'),
    ],
    quiet: [
      source('bin'),
      writable('binary'),
      source('.'),
      source('data'),
      ...['data', 'data', '/srv/acme/project/work', '/srv/acme/other/src', '~/data'].map(writable),
      source('../beside'),
      source('/srv/acme/project'),
    ],
  },
  'bottles::mount-nested': {
    fires: [
      ...['data/docs', 'data', './data/', 'x/../data', '/srv/acme/project/data/docs', 'DATA/docs'].map((path) =>
        agentMount(rw('data'), ro(path)),
      ),
      agentMount(ro('data/docs'), rw('data')),
      agentMount(rw('~/data'), ro('/home/x/data/docs')),
      agentMount(rw('data'), rw('data/docs', '/srv')),
      two(rw('data'), ro('data/docs')),
      two(ro('data/docs'), rw('data')),
      two(rw('data'), rw('data')),
    ],
    quiet: [
      agentMount(rw('data'), ro('docs')),
      agentMount(ro('data'), rw('data/docs')),
      agentMount(ro('data'), ro('data/docs', '/x')),
      agentMount(rw('data'), ro('workshop')),
      two(rw('data'), rw('other')),
      two(ro('data'), ro('data')),
    ],
  },
  'bottles::mount-build-context': {
    fires: [
      built('ctx', rw('ctx')),
      built('./ctx/', rw('/srv/acme/project/ctx')),
      built('ctx', rw('ctx/files')),
      built('ctx/agent', rw('ctx')),
      built('.', rw('data')),
      elsewhere(rw('images')),
      appOf({ mounts: [rw('ctx')] }, { image: Image.build('ctx') }),
      appOf({ image: Image.build('ctx') }, { mounts: [rw('ctx')] }),
    ],
    quiet: [
      built('ctx', ro('ctx')),
      built('ctx', rw('data')),
      elsewhere(rw('data')),
      withAgent({ mounts: [rw('ctx')] }),
    ],
  },
  'bottles::mount-key': {
    fires: [
      besideKey('keys', 'keys/id'),
      besideKey('./keys/', 'keys/id'),
      besideKey('/srv/keys', '/srv/keys/id'),
      besideKey('/srv/keys/id', '/srv/keys/../keys/id'),
      besideKey('~/deploy', '~/deploy/id'),
      besideKey('.', 'keys/id'),
      besideKey('/srv/acme/project/keys', 'keys/id'),
      elsewhere(ro('keys')),
      elsewhere(rw('certs')),
      trusting('certs/ca.pem', rw('certs')),
      trusting('certs/ca.pem', rw('/srv/acme/project/certs')),
      trusting('/srv/certs/ca.pem', rw('/srv/certs/./')),
      trusting('certs/ca.pem', rw('certs/ca.pem')),
    ],
    quiet: [
      besideKey('data', 'keys/id'),
      besideKey('/srv/key', '/srv/keys/id'),
      besideKey('key', 'keys/id'),
      trusting('certs/ca.pem', ro('certs')),
      trusting('certs/ca.pem', rw('data')),
    ],
  },
  'bottles::mount-shared-source': {
    fires: [
      both(Mount.bind('data', '/data', { readOnly: false }), Mount.bind('data', '/srv')),
      both(Mount.bind('data', '/data', { readOnly: false }), Mount.bind('data/sub', '/srv')),
      both(Mount.bind('/srv/x', '/data'), Mount.bind('/srv//x/', '/srv', { readOnly: false })),
    ],
    quiet: [
      both(Mount.bind('data', '/data'), Mount.bind('data', '/srv')),
      both(Mount.bind('data', '/data', { readOnly: false }), Mount.bind('other', '/srv')),
    ],
  },
};
